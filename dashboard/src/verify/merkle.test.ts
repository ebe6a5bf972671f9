import { describe, expect, test } from 'vitest';

import { hex, unhex, type Bytes } from './bytes.ts';
import { checkConsistency, checkInclusion, EMPTY_ROOT, leafHash, nodeHash, rootOf } from './merkle.ts';

// The reference leaves and roots of google/certificate-transparency, merkletree tests.
const LEAVES = [
  '', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f',
].map((leaf) => leafHash(unhex(leaf)));
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

test('the roots are those of the reference', () => {
  expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(LEAVES.map((_, at) => hex(rootOf(LEAVES.slice(0, at + 1))))).toEqual(ROOTS);
});

const split = (size: number): number => 2 ** (31 - Math.clz32(size - 1));

/** MTH of RFC 6962 2.1, word for word. */
function defined(leaves: Bytes[]): Bytes {
  if (leaves.length <= 1) return leaves[0] ?? EMPTY_ROOT;
  const k = split(leaves.length);
  return nodeHash(defined(leaves.slice(0, k)), defined(leaves.slice(k)));
}

/** PATH of RFC 6962 2.1.1. */
function path(m: number, leaves: Bytes[]): Bytes[] {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...path(m, left), defined(right)] : [...path(m - k, right), defined(left)];
}

/** SUBPROOF of RFC 6962 2.1.2. */
function subproof(m: number, leaves: Bytes[], complete: boolean): Bytes[] {
  if (m === leaves.length) return complete ? [] : [defined(leaves)];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  if (m <= k) return [...subproof(m, left, complete), defined(right)];
  return [...subproof(m - k, right, false), defined(left)];
}

const MANY = Array.from({ length: 21 }, (_, at) => leafHash(new Uint8Array([at])));

describe('inclusion', () => {
  test('every leaf of every log is proven, at its index only', () => {
    for (let size = 1; size <= MANY.length; size += 1) {
      const leaves = MANY.slice(0, size);
      const root = rootOf(leaves);
      expect(root).toEqual(defined(leaves));
      for (const [index, leaf] of leaves.entries()) {
        const proof = path(index, leaves);
        checkInclusion({ leaf, index, size, proof, root });
        for (let other = -1; other <= size; other += 1) {
          if (other === index) continue;
          expect(() => checkInclusion({ leaf, index: other, size, proof, root })).toThrow();
        }
        expect(() => checkInclusion({ leaf, index, size, proof: [...proof, leaf], root })).toThrow();
        expect(() => checkInclusion({ leaf: root, index, size: size + 1, proof, root })).toThrow();
      }
    }
  });
});

describe('consistency', () => {
  test('every log continues each that it was, and no other', () => {
    for (let newSize = 1; newSize <= MANY.length; newSize += 1) {
      const newRoot = rootOf(MANY.slice(0, newSize));
      for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
        const oldRoot = rootOf(MANY.slice(0, oldSize));
        const proof = subproof(oldSize, MANY.slice(0, newSize), true);
        checkConsistency({ oldSize, newSize, oldRoot, newRoot, proof });
        const refused = [
          { oldSize, newSize, oldRoot: newRoot, newRoot: oldRoot, proof },
          { oldSize, newSize, oldRoot, newRoot, proof: [...proof, oldRoot] },
          { oldSize: 0, newSize, oldRoot, newRoot, proof },
          { oldSize: newSize + 1, newSize, oldRoot, newRoot, proof },
        ];
        for (const each of oldSize === newSize ? refused.slice(1) : refused) {
          expect(() => checkConsistency(each)).toThrow();
        }
      }
    }
  });

  test('a log beyond 32 bits is no smaller one', () => {
    const [a, b] = [LEAVES[0] as Bytes, LEAVES[1] as Bytes];
    const big = 2 ** 32;
    expect(() => checkInclusion({ leaf: a, index: 0, size: big + 2, proof: [b], root: nodeHash(a, b) })).toThrow();
  });
});
