import { sha256 as hasher } from '@noble/hashes/sha2.js';

import type { Bytes } from './bytes.ts';

/** SHA-256. Not of the browser, whose own must be waited for: a tree has thousands of nodes. */
export function sha256(...parts: readonly Uint8Array[]): Bytes {
  const hash = hasher.create();
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
