import type { Step } from '../api/types';
import type { Json, JsonObject } from '../verify/canonical.ts';
import { isObject } from '../verify/canonical.ts';
import { FORMS } from './kinds';
import { spoken } from './standing';

/** Signed bytes in words: what somebody reads before they put their name under it. */

export interface Names {
  party: (id: string) => string;
  place: (gln: string) => string;
  /** Checklists of the therapy, for the questions behind the answers. */
  steps: readonly Step[];
}

export interface Line {
  label: string;
  text: string;
  /** Something a reader must not pass over. */
  warns?: boolean;
}

const KEY_KINDS: Record<string, string> = {
  found_keys: 'Name the first keys',
  enrol_key: 'Let a key in',
  rotate_key: 'Replace a key by a new one',
  revoke_key: 'Let a key out: it counts no more',
};

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** What is signed, as a heading. */
export function titleOf(fields: JsonObject): string {
  const kind = text(fields['kind']);
  const known = KEY_KINDS[kind] ?? FORMS.find((one) => one.act === kind)?.title;
  return known ?? kind.replaceAll('_', ' ');
}

const line = (label: string, value: Json | undefined, name = (one: string): string => one): Line[] =>
  typeof value === 'string' && value ? [{ label, text: name(value) }] : [];

/** "2026-11-21 14:33:05 UTC" */
const when = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

function answers(conditions: Json | undefined, steps: readonly Step[]): Line[] {
  if (!isObject(conditions)) return [];
  const questions = new Map(
    steps.flatMap(({ checklist }) => checklist.map(({ key, question }) => [key, question])),
  );
  const said: Record<string, string> = { na: 'does not apply' };
  return Object.entries(conditions).map(([key, answer]) => ({
    label: questions.get(key) ?? key.replaceAll('_', ' '),
    text: said[text(answer)] ?? text(answer).replaceAll('_', ' '),
    warns: answer === 'no',
  }));
}

/** The lines of a statement about custody. */
export function statementLines(fields: JsonObject, names: Names): Line[] {
  const verdict = fields['verdict'];
  const shown = isObject(verdict) ? `${text(verdict['outcome'])}, version ${verdict['version']}` : null;
  return [
    ...line('Order', fields['order']),
    ...line('Shipment', fields['shipment']),
    ...line(fields['to'] === null ? 'By' : 'From', fields['from'], names.party),
    ...line('To', fields['to'], names.party),
    ...line('Place', fields['place'], names.place),
    ...line('Items', list(fields['items']).map(text).join(', ')),
    ...line('Shipper', fields['shipper']),
    ...line('Waybill', fields['waybill']),
    ...line('Seals', list(fields['seals']).map(text).join(', ')),
    ...line('Corrects entry', fields['corrects'], (hash) => `${hash.slice(0, 16)}…`),
    ...answers(fields['conditions'], names.steps),
    ...line('Verdict on the screen', shown),
    ...line('Remarks', fields['remarks']),
    ...line('Reason', fields['reason']),
    ...line('Happened', fields['claimed_at'], when),
  ];
}

/** The lines of a statement about keys. */
export function keyLines(fields: JsonObject, names: Names, keyIds: readonly string[]): Line[] {
  const keys = list(fields['keys']).filter(isObject);
  return [
    ...keys.flatMap((key, at) => [
      { label: 'Whose', text: `${text(key['name'])} (user ${text(key['user'])})` },
      { label: 'Signs for', text: key['party'] === null ? 'no party' : names.party(text(key['party'])) },
      { label: 'Key id', text: spoken(keyIds[at] ?? '') },
      ...(key['approver'] === 'yes'
        ? [{ label: 'May', text: 'let other keys in and out', warns: true }]
        : []),
    ]),
    ...list(fields['revokes']).map((id) => ({
      label: 'Counts no more',
      text: spoken(text(id)),
      warns: true,
    })),
    ...line('May be in other hands since', fields['suspect_since'], when),
    ...line('Reason', fields['reason']),
    ...line('Asked', fields['claimed_at'], when),
  ];
}

const ROLES: Record<string, string> = {
  signer: 'signs',
  confirmer: 'signs first',
  verifier: 'signs as the second person',
  holder: 'signs as the holder of the key',
  approver: 'signs as an approver',
};

/** Who signs: printed name, party, as what, and what their signature means. */
export const signerLines = (fields: JsonObject, names: Names): Line[] =>
  list(fields['signers'])
    .filter(isObject)
    .map((one) => {
      const party = one['party'] === null ? '' : `, ${names.party(text(one['party']))}`;
      return {
        label: `${text(one['name'])}${party}, ${ROLES[text(one['role'])] ?? text(one['role'])}`,
        text: `“${text(one['meaning'])}”`,
      };
    });

/** How many signatures are missing, and whose. */
export const missingWords = (missing: readonly { name: string }[]): string =>
  `Waiting for the signature of ${missing.map(({ name }) => name).join(' and ')}.`;
