import { bytesOf, hex, unhex, type Bytes } from './bytes.ts';
import { sha256 } from './hash.ts';

/** Ed25519 by the browser (RFC 8032), with the refusals of libsodium added, which browsers lack. */

/** Id of a public key: SHA-256 of its 32 raw bytes, hexadecimal. */
export const keyId = (publicKey: Uint8Array): string => hex(sha256(publicKey));

const PRIME = (1n << 255n) - 19n;
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;

/** The y of every point whose order is small: a key or nonce that signs whatever one likes. */
const SMALL = new Set([
  0n,
  1n,
  PRIME - 1n,
  PRIME,
  PRIME + 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n,
]);

const keys = new Map<string, Promise<CryptoKey | null>>();

/** Whether `signature` is that of `publicKey` over `message`; never throws. */
export async function verify(
  publicKey: Bytes,
  signature: Bytes,
  message: Bytes,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!isSoundKey(publicKey) || !isSoundSignature(signature)) return false;
  const key = await imported(publicKey);
  if (!key) return false;
  try {
    return await crypto.subtle.verify('Ed25519', key, signature, message);
  } catch {
    return false;
  }
}

/** Whether this browser can check Ed25519 at all: tried on the first example of RFC 8032. */
export async function isAvailable(): Promise<boolean> {
  const key = unhex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const signature = unhex(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
      '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  );
  if (typeof globalThis.crypto?.subtle?.verify !== 'function') return false;
  const right = await verify(key, signature, bytesOf(''));
  return right && !(await verify(key, signature, bytesOf('x')));
}

function imported(publicKey: Bytes): Promise<CryptoKey | null> {
  const name = hex(publicKey);
  let key = keys.get(name);
  if (!key) {
    key = crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']).catch(() => null);
    keys.set(name, key);
  }
  return key;
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
}

const yOf = (point: Uint8Array): bigint => littleEndian(point) & ((1n << 255n) - 1n);

const isSoundKey = (key: Uint8Array): boolean => yOf(key) < PRIME && !SMALL.has(yOf(key));

const isSoundSignature = (signature: Uint8Array): boolean =>
  !SMALL.has(yOf(signature.subarray(0, 32))) && littleEndian(signature.subarray(32)) < ORDER;
