import { isSame, refuse, type Bytes } from './bytes.ts';
import { sha256 } from './hash.ts';

/** The arithmetic of an append-only Merkle log (RFC 6962 section 2.1, RFC 9162 section 2.1). */

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

export const EMPTY_ROOT = sha256(new Uint8Array());

export const leafHash = (entry: Uint8Array): Bytes => sha256(LEAF, entry);

export const nodeHash = (left: Uint8Array, right: Uint8Array): Bytes => sha256(NODE, left, right);

/** The root of the tree with these leaf hashes. */
export function rootOf(leaves: Iterable<Bytes>): Bytes {
  const peaks: { hash: Bytes; width: number }[] = [];
  for (const leaf of leaves) {
    let node = { hash: leaf, width: 1 };
    while (peaks.at(-1)?.width === node.width) {
      const left = peaks.pop() as { hash: Bytes; width: number };
      node = { hash: nodeHash(left.hash, node.hash), width: 2 * node.width };
    }
    peaks.push(node);
  }
  const last = peaks.pop();
  if (!last) return EMPTY_ROOT;
  return peaks.reduceRight((result, peak) => nodeHash(peak.hash, result), last.hash);
}

export interface Inclusion {
  leaf: Uint8Array;
  index: number;
  size: number;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}

/** Refuse unless the leaf stands at `index` in the log of `size` entries with `root`. */
export function checkInclusion({ leaf, index, size, proof, root }: Inclusion): void {
  if (!(index >= 0 && index < size)) refuse(`Entry ${index} cannot be in a log of size ${size}.`);
  let position = index;
  let last = size - 1;
  let result = leaf;
  for (const sibling of proof) {
    if (last === 0) refuse(`The inclusion proof of entry ${index} is too long.`);
    result = isRight(position, last) ? nodeHash(sibling, result) : nodeHash(result, sibling);
    [position, last] = climb(position, last);
  }
  if (last !== 0 || !isSame(result, root)) refuse(`Entry ${index} is not proven to be in the log.`);
}

export interface Consistency {
  oldSize: number;
  newSize: number;
  oldRoot: Uint8Array;
  newRoot: Uint8Array;
  proof: readonly Uint8Array[];
}

/** Refuse unless the log of `oldSize` is the beginning of the newer one (RFC 9162 2.1.4.2). */
export function checkConsistency({ oldSize, newSize, oldRoot, newRoot, proof }: Consistency): void {
  if (oldSize === newSize && oldSize > 0 && proof.length === 0 && isSame(oldRoot, newRoot)) return;
  if (!(oldSize > 0 && oldSize < newSize && proof.length > 0)) {
    refuse(`A log of size ${oldSize} is not proven to have become one of size ${newSize}.`);
  }
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  let position = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(position)) [position, last] = [half(position), half(last)];
  let older = path[0] as Uint8Array;
  let newer = older;
  for (const sibling of path.slice(1)) {
    if (last === 0) refuse('The consistency proof is too long.');
    if (isRight(position, last)) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
    } else {
      newer = nodeHash(newer, sibling);
    }
    [position, last] = climb(position, last);
  }
  if (last !== 0 || !isSame(older, oldRoot) || !isSame(newer, newRoot)) {
    refuse(`The log of size ${newSize} does not continue the one of size ${oldSize}.`);
  }
}

// Division, not shifts: a shift would cut a size to 32 bits.
const half = (number: number): number => Math.floor(number / 2);
const isOdd = (number: number): boolean => number % 2 === 1;

function isPowerOfTwo(number: number): boolean {
  let rest = number;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
}

const isRight = (position: number, last: number): boolean => isOdd(position) || position === last;

/** The node's and the last node's position on the next level that has a sibling. */
function climb(position: number, last: number): [number, number] {
  if (position === last) {
    while (position > 0 && !isOdd(position)) [position, last] = [half(position), half(last)];
  }
  return [half(position), half(last)];
}
