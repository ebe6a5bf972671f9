import { expect, test } from 'vitest';

import type { KeysHead, SignedEnvelope, SignedStatement } from '../api/types';
import { unbase64, unhex } from '../verify/bytes.ts';
import { verify } from '../verify/ed25519.ts';
import { preAuthenticationEncoding } from '../verify/envelope.ts';
import { applyKeys, type KeyLog, type KeyRecord } from '../verify/keyLog.ts';
import { parseKeyStatement } from '../verify/keyStatement.ts';
import { enrolment, revocation } from './keyDraft';
import { aKey } from '../support/signing';
import { newKey, readEnvelope, sign, writeKeyStatement } from './signing';
import { approversAmong, spoken, standingOf } from './standing';

const HEAD: KeysHead = { log: 'unbroken/test', founded: true, sequence: 2, hash: '9a'.repeat(32) };
const BO = aKey({ user: 'bo', name: 'Bo', party: null, key: '01'.repeat(32), approver: true });
const CY = aKey({ user: 'cy', name: 'Cy', party: null, key: '02'.repeat(32), approver: true });
const ANN = { user: 'ann', name: 'Ann Ödegård', party: 'pharmacy' };

const record = (key: typeof BO): KeyRecord => ({
  id: key.key,
  public: unhex(key.public),
  user: key.user,
  name: key.name,
  party: key.party,
  approver: key.approver,
  enrolledIndex: key.enrolled_index,
  revokedIndex: null,
  suspectSince: null,
});

const LOG: KeyLog = new Map([BO, CY].map((key) => [key.key, record(key)]));

async function asked(): Promise<{ key: Awaited<ReturnType<typeof newKey>>; envelope: SignedEnvelope }> {
  const key = await newKey('ann');
  const wish = { head: HEAD, key, person: ANN, approvers: [BO, CY], approver: false, replaces: [], reason: '' };
  return { key, envelope: await sign(writeKeyStatement(enrolment(wish)), key) };
}

const waiting = (envelope: SignedEnvelope): SignedStatement => ({
  id: 'x',
  state: 'awaiting',
  envelope,
  missing: [],
  index: null,
});

test('a key can be used, and taken out by nobody', async () => {
  const key = await newKey('ann');
  expect(key.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('pkcs8', key.privateKey)).rejects.toThrow();
});

test('the wish to have a key let in holds by the rules of the verifier, and so does its signature', async () => {
  const { key, envelope } = await asked();
  const { written, said } = readEnvelope(envelope);
  if (said.type !== 'key') throw new Error(said.type);
  expect(applyKeys(LOG, said, 9, true).get(key.id)).toMatchObject({ ...ANN, approver: false });
  const message = preAuthenticationEncoding(written.payloadType, written.payload);
  const signature = unbase64(envelope.signatures[0]?.sig ?? '');
  expect(await verify(unhex(key.public), signature, message)).toBe(true);
});

test('a key that replaces another lets that one out', async () => {
  const key = await newKey('ann');
  const old = aKey();
  const wish = { head: HEAD, key, person: ANN, approvers: [BO, CY], approver: true, replaces: [old], reason: 'New phone.' };
  const said = parseKeyStatement(writeKeyStatement(enrolment(wish)).payload);
  const after = applyKeys(new Map([...LOG, [old.key, record(old)]]), said, 9, true);
  expect(after.get(old.key)?.revokedIndex).toBe(9);
  expect(after.get(key.id)?.approver).toBe(true);
});

test('a revocation holds by the rules of the verifier', () => {
  const old = aKey();
  const { payload } = writeKeyStatement(revocation(HEAD, [old], [BO, CY], 'Lost.'));
  const after = applyKeys(new Map([...LOG, [old.key, record(old)]]), parseKeyStatement(payload), 9, true);
  expect(after.get(old.key)?.revokedIndex).toBe(9);
});

test('a key stands as the ledger says, and waits until it is let in', async () => {
  const { key, envelope } = await asked();
  const enrolled = aKey({ key: key.id });
  expect(standingOf(key, [], null).state).toBe('not enrolled');
  expect(standingOf(key, [], waiting(envelope)).state).toBe('waiting');
  expect(standingOf(key, [enrolled], null).state).toBe('enrolled');
  expect(standingOf(key, [{ ...enrolled, revoked_index: 8 }], null).state).toBe('revoked');
});

test('approvers are people with a key that counts, each once, and not oneself', () => {
  const gone = aKey({ user: 'di', approver: true, revoked_index: 7 });
  const newer = { ...BO, key: '03'.repeat(32) };
  expect(approversAmong([BO, newer, CY, gone, aKey()], 'cy')).toEqual([newer]);
});

test('a key id is spoken in fours', () => {
  expect(spoken('0123456789ab')).toBe('0123 4567 89ab');
});
