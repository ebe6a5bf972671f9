import type { Json, JsonObject } from '../verify/canonical.ts';
import type { Entry } from '../verify/entry.ts';
import type { Statement } from '../verify/statement.ts';

/** Statements and entries for tests: as they are when nothing is wrong. */

export const HASH = 'ab'.repeat(32);

export const SIGNER: JsonObject = {
  user: 'ann',
  name: 'Ann Ödegård',
  party: 'maker',
  role: 'signer',
  key: HASH,
  meaning: 'I packed it',
};

/** The fields of a `store` statement, some of them changed. */
export const statementFields = (changes: Record<string, Json> = {}): JsonObject => ({
  v: 2,
  log: 'unbroken/test',
  id: '01234567-89ab-4def-8123-456789abcdef',
  kind: 'store',
  order: 'A-1',
  shipment: null,
  items: [],
  shipper: null,
  waybill: null,
  seals: [],
  from: 'maker',
  to: null,
  place: null,
  claimed_at: '2026-11-21T10:00:00.000Z',
  clock: null,
  conditions: {},
  verdict: null,
  coi: null,
  sealed: null,
  signers: [SIGNER],
  seen: null,
  answers: null,
  corrects: null,
  remarks: null,
  reason: null,
  ...changes,
});

/** An entry that says something, as far as rules look at it. */
export function entryOf(said: Statement, index: number, conflictWith: string | null = null): Entry<Statement> {
  const hash = index.toString(16).padStart(64, '0');
  return {
    index,
    order: said.order,
    sequence: index + 1,
    previous: HASH,
    keys: HASH,
    recordedAt: said.claimedAt,
    conflictWith,
    envelope: { payloadType: '', payload: new Uint8Array([index]), signatures: [] },
    said,
    hash,
    leaf: new Uint8Array(32),
  };
}
