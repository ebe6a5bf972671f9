import { sha256 as digest } from '@noble/hashes/sha2.js';

import { concat, type Bytes } from './bytes.ts';

/** SHA-256. Not of the browser, whose own must be waited for: a tree has thousands of nodes. */
export const sha256 = (...parts: readonly Uint8Array[]): Bytes =>
  new Uint8Array(digest(parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts)));
