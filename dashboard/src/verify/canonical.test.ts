import { expect, test } from 'vitest';

import { bytesOf, textOf } from './bytes.ts';
import { decode, decodeObject, encode } from './canonical.ts';

test.each([
  '{"a":1,"b":[null,"x",-5],"c":{}}',
  '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f\u0080é\u2028€\ud83e\uddec"',
  '9007199254740991',
  '[]',
])('canonical bytes are read and written again as they were: %s', (text) => {
  expect(textOf(encode(decode(bytesOf(text))))).toBe(text);
});

test('keys are sorted, whatever their order was', () => {
  expect(textOf(encode({ b: 1, a: 2, A: 3, '10': 4, '9': 5 }))).toBe('{"10":4,"9":5,"A":3,"a":2,"b":1}');
});

test.each([
  ['a key twice', '{"a":1,"a":1}'],
  ['unsorted keys', '{"b":1,"a":1}'],
  ['a float', '[1.5]'],
  ['an integer written as a float', '[1.0]'],
  ['an exponent', '[1e3]'],
  ['a negative nought', '[-0]'],
  ['too large an integer', '[9007199254740992]'],
  ['true', '[true]'],
  ['a blank', '[1, 2]'],
  ['a line feed at the end', '[]\n'],
  ['a needless escape', '["\\u0041"]'],
  ['an escaped slash', '["\\/"]'],
  ['an escape in capitals', '["\\u001F"]'],
  ['half a character', '["\\ud800"]'],
  ['a key that is not ASCII', '{"é":1}'],
  ['a byte order mark', '\ufeff[]'],
  ['nothing', ''],
  ['deep nesting', '['.repeat(5000) + ']'.repeat(5000)],
])('%s is refused', (_, text) => {
  expect(() => decode(bytesOf(text))).toThrow();
});

test('bytes that are not UTF-8 are refused', () => {
  expect(() => decode(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))).toThrow('UTF-8');
});

test('an object has exactly the fields that are asked for', () => {
  expect(decodeObject(bytesOf('{"a":1,"b":2}'), ['a', 'b'])).toEqual({ a: 1, b: 2 });
  for (const text of ['{"a":1}', '{"a":1,"b":2,"c":3}', '{"a":1,"toString":2}', '[]', 'null']) {
    expect(() => decodeObject(bytesOf(text), ['a', 'b'])).toThrow();
  }
});
