import { expect, test } from 'vitest';

import { bytesOf, concat, unhex } from './bytes.ts';
import { isAvailable, keyId, verify } from './ed25519.ts';

// RFC 8032 section 7.1, tests 1 to 3.
const VECTORS = [
  ['d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '', 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'],
  ['3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72', '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'],
  ['fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82', '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'],
].map(([key = '', message = '', signature = '']) => [unhex(key), unhex(message), unhex(signature)] as const);

test('this Node can check signatures', async () => {
  expect(await isAvailable()).toBe(true);
});

test.each(VECTORS)('the reference signature %# is good, and a changed one is not', async (key, message, signature) => {
  expect(await verify(key, signature, message)).toBe(true);
  expect(await verify(key, signature, concat(message, bytesOf('x')))).toBe(false);
  const changed = signature.slice();
  changed[0] = (changed[0] as number) ^ 1;
  expect(await verify(key, changed, message)).toBe(false);
  expect(await verify(key.slice(1), signature, message)).toBe(false);
  expect(await verify(key, signature.slice(1), message)).toBe(false);
});

test('a key of small order, which would sign anything, signs nothing', async () => {
  for (const y of ['01', '00', 'ec']) {
    const rest = y === 'ec' ? `${'ff'.repeat(30)}7f` : '00'.repeat(31);
    const key = unhex(y + rest);
    const signature = concat(unhex(`01${'00'.repeat(31)}`), new Uint8Array(32));
    expect(await verify(key, signature, bytesOf('anything'))).toBe(false);
  }
});

test('the other writing of a signature, S + L, is refused', async () => {
  const [key, message, signature] = VECTORS[0] as (typeof VECTORS)[0];
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  const s = signature.slice(32).reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n) + order;
  const bytes = Uint8Array.from({ length: 32 }, (_, at) => Number((s >> BigInt(8 * at)) & 255n));
  expect(await verify(key, concat(signature.slice(0, 32), bytes), message)).toBe(false);
});

test('a key is named by the hash of its bytes', () => {
  expect(keyId(new Uint8Array(32))).toBe('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925');
});
