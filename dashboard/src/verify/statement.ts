import { refuse } from './bytes.ts';
import { decodeObject, isObject, objectWith, type Json } from './canonical.ts';
import * as form from './form.ts';

/** What people assert about custody (schemas/statement.py). */

export const KINDS = [
  'commission', 'pack', 'condition', 'release', 'offer', 'accept', 'refuse', 'depart', 'arrive',
  'store', 'inspect', 'open', 'thaw', 'infuse', 'waste', 'return', 'requalify', 'transfer_title',
  'seal_readings', 'hold', 'disposition', 'correct', 'erase_identity',
] as const;

export type Kind = (typeof KINDS)[number];

export interface Sealed {
  leg: number;
  from: string | null;
  until: string;
  count: number;
  root: string;
  earlier: string | null;
}

/** The head of a chain that the signer had seen. */
export interface Seen {
  sequence: number;
  hash: string;
}

export interface Signer {
  user: string;
  name: string;
  party: string | null;
  role: string;
  key: string;
  meaning: string;
}

export interface Statement {
  type: 'statement';
  log: string;
  id: string;
  kind: Kind;
  order: string;
  shipment: string | null;
  items: readonly string[];
  shipper: string | null;
  waybill: string | null;
  seals: readonly string[];
  from: string | null;
  to: string | null;
  place: string | null;
  claimedAt: string;
  conditions: ReadonlyMap<string, string>;
  coi: string | null;
  sealed: Sealed | null;
  signers: readonly Signer[];
  seen: Seen | null;
  answers: string | null;
  corrects: string | null;
  remarks: string | null;
  reason: string | null;
}

type Need = 'from' | 'to' | 'items' | 'place' | 'shipment' | 'shipper' | 'corrects' | 'answers' | 'coi' | 'sealed' | 'reason' | 'explanation';

/** What a kind cannot do without. "explanation" is a reason or a remark. */
const NEEDS: Partial<Record<Kind, readonly Need[]>> = {
  commission: ['from', 'items', 'coi'],
  pack: ['from'],
  release: ['shipment'],
  offer: ['from', 'to'],
  accept: ['to', 'answers'],
  refuse: ['to', 'answers', 'explanation'],
  depart: ['from', 'shipment'],
  arrive: ['from', 'place'],
  store: ['from'],
  open: ['from'],
  thaw: ['from'],
  infuse: ['from'],
  waste: ['from', 'explanation'],
  return: ['from', 'explanation'],
  requalify: ['shipper'],
  transfer_title: ['from', 'to'],
  seal_readings: ['shipment', 'sealed'],
  hold: ['explanation'],
  disposition: ['explanation'],
  correct: ['corrects', 'reason'],
  erase_identity: ['reason'],
};

const FIELDS = [
  'v', 'log', 'id', 'kind', 'order', 'shipment', 'items', 'shipper', 'waybill', 'seals', 'from',
  'to', 'place', 'claimed_at', 'clock', 'conditions', 'verdict', 'coi', 'sealed', 'signers', 'seen',
  'answers', 'corrects', 'remarks', 'reason',
] as const;

const ROLES = ['signer', 'confirmer', 'verifier'] as const;
const OUTCOMES = ['within', 'possible', 'excursion', 'indeterminate'] as const;
const DISPOSITIONS = ['release', 'release_with_deviation', 'reject'] as const;

/** The party that acts: the receiver of an accept or refuse, else the giver. */
export const actorOf = (statement: Statement): string | null =>
  statement.kind === 'accept' || statement.kind === 'refuse' ? statement.to : statement.from;

/** The statement whose canonical bytes these are. */
export function parseStatement(bytes: Uint8Array): Statement {
  const fields = decodeObject(bytes, FIELDS);
  if (fields['v'] !== 2) refuse('This is not version 2 of a statement.');
  form.optional(fields['clock'], checkClock);
  form.optional(fields['verdict'], checkVerdict);
  const statement: Statement = {
    type: 'statement',
    log: form.identifier(fields['log']),
    id: form.statementId(fields['id']),
    kind: form.oneOf(fields['kind'], KINDS),
    order: form.identifier(fields['order']),
    shipment: form.optional(fields['shipment'], form.identifier),
    items: form.identifiers(fields['items']),
    shipper: form.optional(fields['shipper'], form.identifier),
    waybill: form.optional(fields['waybill'], form.identifier),
    seals: form.identifiers(fields['seals']),
    from: form.optional(fields['from'], form.identifier),
    to: form.optional(fields['to'], form.identifier),
    place: form.optional(fields['place'], form.gln),
    claimedAt: form.utcMillis(fields['claimed_at']),
    conditions: conditionsOf(fields['conditions']),
    coi: form.optional(fields['coi'], form.hashHex),
    sealed: form.optional(fields['sealed'], sealedOf),
    signers: form.list(fields['signers'], signerOf(ROLES), { least: 1, most: 2 }),
    seen: form.optional(fields['seen'], seenOf),
    answers: form.optional(fields['answers'], form.hashHex),
    corrects: form.optional(fields['corrects'], form.hashHex),
    remarks: form.optional(fields['remarks'], form.words),
    reason: form.optional(fields['reason'], form.words),
  };
  checkComplete(statement);
  checkSigners(statement.signers);
  return statement;
}

export const signerOf =
  (roles: readonly string[]) =>
  (value: Json | undefined): Signer => {
    const fields = objectWith(value, ['user', 'name', 'party', 'role', 'key', 'meaning']);
    return {
      user: form.identifier(fields['user']),
      name: form.printedName(fields['name']),
      party: form.optional(fields['party'], form.identifier),
      role: form.oneOf(fields['role'], roles),
      key: form.hashHex(fields['key']),
      meaning: form.words(fields['meaning']),
    };
  };

export function seenOf(value: Json | undefined): Seen {
  const fields = objectWith(value, ['sequence', 'hash']);
  return { sequence: form.whole(fields['sequence'], 1), hash: form.hashHex(fields['hash']) };
}

function sealedOf(value: Json | undefined): Sealed {
  const fields = objectWith(value, ['leg', 'from', 'until', 'count', 'root', 'earlier']);
  return {
    leg: form.whole(fields['leg'], 1),
    from: form.optional(fields['from'], form.utcMillis),
    until: form.utcMillis(fields['until']),
    count: form.whole(fields['count'], 0),
    root: form.hashHex(fields['root']),
    earlier: form.optional(fields['earlier'], form.hashHex),
  };
}

function checkClock(value: Json | undefined): void {
  const fields = objectWith(value, ['offset_ms', 'error_ms', 'synced_at']);
  form.whole(fields['offset_ms'], Number.MIN_SAFE_INTEGER);
  form.whole(fields['error_ms'], 0);
  form.utcMillis(fields['synced_at']);
}

function checkVerdict(value: Json | undefined): void {
  const fields = objectWith(value, ['outcome', 'version']);
  form.oneOf(fields['outcome'], OUTCOMES);
  form.whole(fields['version'], 0);
}

function conditionsOf(value: Json | undefined): ReadonlyMap<string, string> {
  if (!isObject(value)) return refuse('The conditions are expected here.');
  const entries = Object.entries(value);
  if (entries.length > 100) refuse('There are more than 100 conditions.');
  return new Map(
    entries.map(([key, answer]) => {
      if (!/^[a-z][a-z0-9_]{0,63}$/.test(key)) refuse(`${key} is not the name of a condition.`);
      return [key, form.words(answer)];
    }),
  );
}

function checkComplete(statement: Statement): void {
  const explanation = statement.reason ?? statement.remarks;
  const has = { ...statement, explanation, items: statement.items.length > 0 || null };
  for (const name of NEEDS[statement.kind] ?? []) {
    if (has[name] === null) refuse(`A statement of kind ${statement.kind} needs ${name}.`);
  }
  if (statement.sealed && statement.kind !== 'seal_readings') refuse('Only a seal has readings.');
  if (explanation === null && [...statement.conditions.values()].includes('no')) {
    refuse('A condition answered by no needs a reason or remarks.');
  }
  if (statement.kind === 'disposition') {
    form.oneOf(statement.conditions.get('disposition'), DISPOSITIONS);
  }
}

/** Two people are two users with two keys, one confirmer and one verifier. */
function checkSigners(signers: readonly Signer[]): void {
  form.distinct(signers.map(({ user }) => user));
  form.distinct(signers.map(({ key }) => key));
  const roles = signers.map(({ role }) => role).join(' ');
  if (roles !== 'signer' && roles !== 'confirmer verifier') refuse(`${roles} do not sign.`);
}
