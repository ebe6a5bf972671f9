import type { SignedStatement, SigningKey } from '../api/types';
import type { DeviceKey } from './signing';

/** Where a key of this device stands with the ledger. */
export type Standing =
  | { state: 'enrolled'; record: SigningKey }
  | { state: 'revoked'; record: SigningKey }
  | { state: 'waiting'; statement: SignedStatement }
  | { state: 'not enrolled' };

/** Where one key stands; `statement` is what it was asked for by, if the server has it. */
export function standingOf(
  key: DeviceKey,
  keys: readonly SigningKey[],
  statement: SignedStatement | null,
): Standing {
  const record = keys.find((one) => one.key === key.id);
  if (record) return { state: record.revoked_index === null ? 'enrolled' : 'revoked', record };
  if (statement?.state !== 'awaiting') return { state: 'not enrolled' };
  return { state: 'waiting', statement };
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
