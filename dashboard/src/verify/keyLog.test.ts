import { describe, expect, test } from 'vitest';

import { keyId } from './ed25519.ts';
import { applyKeys, countsAt, type KeyLog } from './keyLog.ts';
import type { Key, KeyStatement } from './keyStatement.ts';
import type { Signer } from './statement.ts';

function key(n: number, user: string, approver = true): Key {
  const bytes = new Uint8Array(32).fill(n);
  return { id: keyId(bytes), public: bytes, user, name: user.toUpperCase(), party: null, approver };
}

const sign = ({ user, name, party, id }: Key, role: string): Signer => ({ user, name, party, role, key: id, meaning: 'so' });
const [ANN, BOB, CID, DAN] = [key(1, 'ann'), key(2, 'bob'), key(3, 'cid'), key(4, 'dan', false)] as const;

function statement(kind: KeyStatement['kind'], keys: Key[], approvers: Key[], revokes: Key[] = []): KeyStatement {
  return {
    type: 'key',
    log: 'l',
    kind,
    keys,
    revokes: revokes.map(({ id }) => id),
    suspectSince: null,
    claimedAt: '2026-11-21T10:00:00.000Z',
    signers: [...keys.map((each) => sign(each, 'holder')), ...approvers.map((each) => sign(each, 'approver'))],
    seen: null,
    reason: 'so',
  };
}

const FOUNDED = applyKeys(new Map(), statement('found_keys', [ANN, BOB, CID], []), 0, false);
const then = (said: KeyStatement, log: KeyLog = FOUNDED, index = 5): KeyLog => applyKeys(log, said, index, true);

test('a key counts from the entry after its own to the one before its revocation', () => {
  const log = then(statement('enrol_key', [DAN], [ANN, BOB]));
  const left = then(statement('revoke_key', [], [ANN, BOB], [DAN]), log, 9);
  const record = left.get(DAN.id);
  expect(record && [4, 5, 6, 8, 9, 10].map((at) => countsAt(record, at))).toEqual([false, false, true, true, false, false]);
});

test('letters beyond ASCII are not folded', () => {
  const log = then(statement('enrol_key', [key(5, 'ä')], [BOB, CID]));
  const other = then(statement('enrol_key', [key(6, 'Ä')], [BOB, CID]), log, 6);
  expect(then(statement('enrol_key', [DAN], [key(5, 'ä'), key(6, 'Ä')]), other, 9).size).toBe(6);
});

describe.each<[string, () => KeyLog]>([
  ['a second founding', () => then(statement('found_keys', [DAN], []))],
  ['a beginning without founding', () => applyKeys(new Map(), statement('enrol_key', [DAN], [ANN, BOB]), 0, false)],
  ['a founding by one', () => applyKeys(new Map(), statement('found_keys', [ANN, DAN], []), 0, false)],
  ['one approver', () => then(statement('enrol_key', [DAN], [ANN]))],
  ['three approvers', () => then(statement('enrol_key', [DAN], [ANN, BOB, CID]))],
  ['an approver who is none', () => then(statement('enrol_key', [key(9, 'eve')], [ANN, key(8, 'fay')]))],
  ['a key enrolled before', () => then(statement('enrol_key', [ANN], [BOB, CID]))],
  ['an own key approved', () => then(statement('enrol_key', [key(7, 'ann')], [ANN, BOB]))],
  ['a founding by one under two spellings', () => applyKeys(new Map(), statement('found_keys', [ANN, key(7, 'Ann')], []), 0, false)],
  ['an approver under two spellings', () => {
    const log = then(statement('enrol_key', [key(7, 'ANN')], [BOB, CID]));
    return then(statement('enrol_key', [DAN], [ANN, key(7, 'ANN')]), log, 9);
  }],
  ['an own key approved under another spelling', () => then(statement('enrol_key', [key(7, 'aNN')], [ANN, BOB]))],
  ['one left under two spellings', () => {
    const log = then(statement('enrol_key', [key(7, 'Ann')], [BOB, CID]));
    return then(statement('revoke_key', [], [ANN, BOB], [BOB, CID]), log, 9);
  }],
  ['a key that does not sign', () => then({ ...statement('enrol_key', [DAN], [ANN, BOB]), signers: [sign(ANN, 'approver'), sign(BOB, 'approver')] })],
  ['a false name', () => then({ ...statement('enrol_key', [DAN], [ANN, BOB]), signers: [sign({ ...DAN, name: 'X' }, 'holder'), sign(ANN, 'approver'), sign(BOB, 'approver')] })],
  ['the revocation of an unknown key', () => then(statement('revoke_key', [], [ANN, BOB], [DAN]))],
  ["the rotation of another's key", () => then(statement('rotate_key', [key(7, 'dan')], [ANN, BOB], [CID]))],
  ['too few approvers left', () => then(statement('revoke_key', [], [ANN, BOB], [BOB, CID]))],
  ['an approver whose key is no longer in use', () => {
    const log = then(statement('revoke_key', [], [ANN, BOB], [CID]));
    return then(statement('enrol_key', [DAN], [ANN, CID]), log, 9);
  }],
])('%s', (_, attempt) => {
  test('is refused', () => expect(attempt).toThrow());
});
