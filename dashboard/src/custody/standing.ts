import type { KeysHead, SignedStatement, SigningKey } from '../api/types';
import { parseKeyStatement } from '../verify/keyStatement.ts';
import { unbase64 } from '../verify/bytes.ts';
import type { DeviceKey } from './signing';

/** Where a key of this device stands with the ledger. */
export type Standing =
  | { state: 'enrolled'; record: SigningKey }
  | { state: 'revoked'; record: SigningKey }
  | { state: 'waiting'; statement: SignedStatement }
  /** Other keys were let in or out since it was asked for: what was signed can no longer count. */
  | { state: 'outdated' }
  | { state: 'not enrolled' };

/** Where one key stands; `statement` is what it was asked for by, if the server has it. */
export function standingOf(
  key: DeviceKey,
  keys: readonly SigningKey[],
  head: KeysHead,
  statement: SignedStatement | null,
): Standing {
  const record = keys.find((one) => one.key === key.id);
  if (record) return { state: record.revoked_index === null ? 'enrolled' : 'revoked', record };
  if (statement?.state !== 'awaiting') return { state: 'not enrolled' };
  return isOutdated(statement, head) ? { state: 'outdated' } : { state: 'waiting', statement };
}

/** Whether the keys have changed since a statement about them was signed: then it is refused. */
export function isOutdated(statement: SignedStatement, head: KeysHead): boolean {
  const { seen } = parseKeyStatement(unbase64(statement.envelope.payload));
  return seen?.hash !== head.hash;
}

/** The keys of a user that count now. */
export const keysInUse = (keys: readonly SigningKey[], user: string): SigningKey[] =>
  keys.filter((one) => one.user === user && one.revoked_index === null);

/** Who may let keys in and out: one key for each, the newest. */
export function approversAmong(keys: readonly SigningKey[], but: string): SigningKey[] {
  const byUser = new Map<string, SigningKey>();
  for (const one of keys) {
    if (one.approver && one.revoked_index === null && one.user !== but) byUser.set(one.user, one);
  }
  return [...byUser.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** A key id as people compare it, by phone: groups of four. */
export const spoken = (id: string): string => (id.match(/.{1,4}/g) ?? []).join(' ');
