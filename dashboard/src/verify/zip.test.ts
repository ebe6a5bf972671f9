import { expect, test } from 'vitest';

import { bytesOf, hex } from './bytes.ts';
import { makeContainer, readContainer } from './zip.ts';

const MEMBERS = new Map([
  ['b/2', bytesOf('two')],
  ['a', bytesOf('')],
  ['b/10', bytesOf('ten')],
]);

test('what was put in comes out, sorted by name', () => {
  const found = readContainer(makeContainer(MEMBERS));
  expect([...found.keys()]).toEqual(['a', 'b/10', 'b/2']);
  expect(found.get('b/2')).toEqual(bytesOf('two'));
});

test('the bytes are those of the format', () => {
  const local = '504b0304' + '1400' + '0000' + '0000' + '0000' + '2100' + '00000000'.repeat(3) + '0100' + '0000';
  expect(hex(makeContainer(new Map([['a', bytesOf('')]]))).startsWith(`${local}61504b0102`)).toBe(true);
});

test('every flipped bit is found', () => {
  const whole = makeContainer(MEMBERS);
  for (let at = 0; at < 8 * whole.length; at += 1) {
    const changed = whole.slice();
    changed[at >> 3] = (changed[at >> 3] as number) ^ (1 << (at & 7));
    // What flips a member's content and its checksum alike does not exist within one bit.
    expect(() => readContainer(changed)).toThrow();
  }
});

test('every cut and every byte too many is found', () => {
  const whole = makeContainer(MEMBERS);
  for (let at = 0; at < whole.length; at += 1) {
    expect(() => readContainer(whole.slice(0, at))).toThrow();
  }
  expect(() => readContainer(new Uint8Array([...whole, 0]))).toThrow();
  expect(() => readContainer(new Uint8Array([0, ...whole]))).toThrow();
});

test('a name twice, or out of order, is refused', () => {
  const one = makeContainer(new Map([['a', bytesOf('1')]]));
  const local = one.slice(0, 32);
  expect(() => readContainer(new Uint8Array([...local, ...one]))).toThrow('twice');
});
