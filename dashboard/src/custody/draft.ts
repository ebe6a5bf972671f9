import type { Check, Custody, SigningKey, Verdict } from '../api/types';
import type { Json, JsonObject } from '../verify/canonical.ts';
import type { ActForm } from './kinds';

/** What somebody filled in, and the statement that it becomes (schemas/statement.py). */

export interface Filled {
  receiver: string;
  shipper: string;
  waybill: string;
  /** As typed: numbers with commas or blanks between them. */
  seals: string;
  place: string;
  items: string[];
  decision: string;
  corrects: string;
  answers: Record<string, string>;
  explanation: string;
  /** Key id of the second person. */
  second: string;
}

export const nothingFilled = (place: string): Filled => ({
  receiver: '',
  shipper: '',
  waybill: '',
  seals: '',
  place,
  items: [],
  decision: '',
  corrects: '',
  answers: {},
  explanation: '',
  second: '',
});

export interface Situation {
  form: ActForm;
  custody: Custody;
  shipment: string;
  /** Who signs: as their enrolled key says it. */
  me: SigningKey;
  second: SigningKey | null;
  people: number;
  verdict: Verdict | null;
  checks: readonly Check[];
  /** The name of the party on the other side, for the meaning. */
  otherName: string;
}

export const splitSeals = (typed: string): string[] => [
  ...new Set(typed.split(/[\s,;]+/).filter(Boolean)),
];

/** The chosen ones with one more, or one less. */
export const toggled = (chosen: readonly string[], one: string): string[] =>
  chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one];

const orNull = (text: string): string | null => text.trim() || null;

/** What differs between the numbers somebody saw and those that were packed, in words. */
export function differences({ sealed }: Custody, filled: Filled): string[] {
  if (!sealed) return [];
  const seals = splitSeals(filled.seals);
  const found: string[] = [];
  const compare = (noun: string, seen: string, packed: string | null): void => {
    if (seen && packed !== null && seen !== packed) found.push(`${noun}: packed was ${packed}.`);
  };
  compare('Shipper', filled.shipper.trim(), sealed.shipper);
  compare('Waybill', filled.waybill.trim(), sealed.waybill);
  const same = seals.length === sealed.seals.length && seals.every((one) => sealed.seals.includes(one));
  if (seals.length > 0 && sealed.seals.length > 0 && !same) {
    found.push(`Seals: closed with was ${sealed.seals.join(', ')}.`);
  }
  return found;
}

/** Whether a reason or remark must be given: by the kind, a "no", or numbers that differ. */
export const needsExplanation = ({ form, custody, checks }: Situation, filled: Filled): boolean =>
  form.explanation === 'must' ||
  checks.some(({ key }) => filled.answers[key] === 'no') ||
  (form.asks.includes('numbers') && differences(custody, filled).length > 0);

export const meaningOf = ({ form, otherName }: Situation): string =>
  form.meaning.replace('{party}', otherName);

const SECOND_MEANING = 'I saw it too, and it is as stated.';

function signersOf(situation: Situation): JsonObject[] {
  const { me, second } = situation;
  const signer = ({ user, name, party, key }: SigningKey, role: string, meaning: string): JsonObject => ({
    user,
    name,
    party,
    role,
    key,
    meaning,
  });
  const meaning = meaningOf(situation);
  if (!second) return [signer(me, 'signer', meaning)];
  return [signer(me, 'confirmer', meaning), signer(second, 'verifier', SECOND_MEANING)];
}

function conditionsOf({ form, checks }: Situation, filled: Filled): JsonObject {
  const given = checks.map(({ key }) => [key, filled.answers[key]?.trim() ?? ''] as const);
  const conditions: JsonObject = Object.fromEntries(given.filter(([, answer]) => answer !== ''));
  if (form.asks.includes('decision')) conditions['disposition'] = filled.decision;
  return conditions;
}

/** The party on the other side, as `from` and `to` say it. */
function parties({ form, custody, me }: Situation, filled: Filled): { from: Json; to: Json } {
  if (form.kind === 'accept' || form.kind === 'refuse') {
    return { from: custody.offer?.giver ?? null, to: me.party };
  }
  return { from: me.party, to: form.asks.includes('receiver') ? orNull(filled.receiver) : null };
}

/** The statement as it is signed, but for its time: the device's clock is read at the signature. */
export function draftOf(situation: Situation, filled: Filled): JsonObject {
  const { form, custody, verdict } = situation;
  const answering = form.kind === 'accept' || form.kind === 'refuse';
  const explanation = orNull(filled.explanation);
  const numbers = form.asks.includes('numbers');
  const isReason = form.kind !== 'accept' && form.explanation === 'must';
  return {
    v: 2,
    log: custody.log,
    id: crypto.randomUUID(),
    kind: form.kind,
    order: custody.order,
    shipment: situation.shipment,
    items: form.asks.includes('items') ? [...filled.items] : [],
    shipper: numbers ? orNull(filled.shipper) : null,
    waybill: numbers ? orNull(filled.waybill) : null,
    seals: numbers ? splitSeals(filled.seals) : [],
    ...parties(situation, filled),
    place: form.place === 'no' ? null : orNull(filled.place),
    claimed_at: new Date().toISOString(),
    clock: null,
    conditions: conditionsOf(situation, filled),
    verdict: verdict?.outcome ? { outcome: verdict.outcome, version: verdict.version } : null,
    coi: null,
    sealed: null,
    signers: signersOf(situation),
    seen: custody.seen && { sequence: custody.seen.sequence, hash: custody.seen.hash },
    answers: answering ? (custody.offer?.statement ?? null) : null,
    corrects: form.asks.includes('entry') ? orNull(filled.corrects) : null,
    remarks: isReason ? null : explanation,
    reason: isReason ? explanation : null,
  };
}
