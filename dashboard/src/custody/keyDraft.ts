import type { KeysHead, SigningKey } from '../api/types';
import type { Json, JsonObject } from '../verify/canonical.ts';
import type { DeviceKey } from './signing';

/** Statements about keys, as they are signed (schemas/key_statement.py). */

export interface Person {
  user: string;
  name: string;
  party: string | null;
}

const HOLDS = 'This key is mine, and nobody else has it.';
const APPROVES = 'I let these keys in or out.';

const signer = ({ user, name, party }: Person, role: string, key: string, meaning: string): JsonObject => ({
  user,
  name,
  party,
  role,
  key,
  meaning,
});

const approving = (approvers: readonly SigningKey[]): JsonObject[] =>
  approvers.map((one) => signer(one, 'approver', one.key, APPROVES));

const statement = (head: KeysHead, fields: Record<string, Json>): JsonObject => ({
  v: 1,
  log: head.log,
  id: crypto.randomUUID(),
  keys: [],
  revokes: [],
  suspect_since: null,
  claimed_at: new Date().toISOString(),
  seen: head.hash === null ? null : { sequence: head.sequence, hash: head.hash },
  reason: null,
  ...fields,
});

export interface Enrolment {
  head: KeysHead;
  key: DeviceKey;
  person: Person;
  approvers: readonly SigningKey[];
  /** Whether the key may let other keys in and out. */
  approver: boolean;
  /** Keys of the same person that count no more from then on, and why. */
  replaces: readonly SigningKey[];
  reason: string;
}

/** A new key is to count: its holder and two approvers sign. */
export function enrolment(wish: Enrolment): JsonObject {
  const { head, key, person, approvers, replaces } = wish;
  const rotates = replaces.length > 0;
  return statement(head, {
    kind: rotates ? 'rotate_key' : 'enrol_key',
    keys: [{ public: key.public, ...person, approver: wish.approver ? 'yes' : 'no' }],
    revokes: replaces.map((one) => one.key),
    signers: [signer(person, 'holder', key.id, HOLDS), ...approving(approvers)],
    reason: rotates ? wish.reason : null,
  });
}

/** Keys are to count no more: two approvers sign. */
export const revocation = (
  head: KeysHead,
  keys: readonly SigningKey[],
  approvers: readonly SigningKey[],
  reason: string,
): JsonObject =>
  statement(head, {
    kind: 'revoke_key',
    revokes: keys.map((one) => one.key),
    signers: approving(approvers),
    reason,
  });
