import { describe, expect, test } from 'vitest';

import { bytesOf, concat } from './bytes.ts';
import { COSIGNATURE_V1, ED25519, verifierKey, vkeyText } from './note.ts';
import { isMetBy, parsePolicy, policyOfLog, type Policy } from './policy.ts';
import { trustOf } from './trust.ts';

const key = (n: number, type: 1 | 4): string =>
  vkeyText(verifierKey(`k${n}`, type === 1 ? ED25519 : COSIGNATURE_V1, new Uint8Array(32).fill(n)));
const [LOG, ...W] = [key(9, 1), ...[0, 1, 2, 3, 4, 5].map((n) => key(n, 4))];

// The example of the specification: two levels of groups.
const NESTED = `log ${LOG}

witness X1 ${W[0]}
witness X2 ${W[1]}
witness X3 ${W[2]}
group X-witnesses 2 X1 X2 X3

witness Y1 ${W[3]}
witness Y2 ${W[4]}
witness Y3\t${W[5]}  https://y3.example
group Y-witnesses any Y1 Y2 Y3
# both
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;
const parse = (text: string): Policy => parsePolicy(bytesOf(text));

test('the example of the specification asks for both groups', () => {
  const policy = parse(NESTED);
  expect(isMetBy(policy, new Set(['X1', 'X3', 'Y2']))).toBe(true);
  expect(isMetBy(policy, new Set(['X1', 'X2', 'X3']))).toBe(false);
  expect(isMetBy(policy, new Set(['X1', 'Y1', 'Y2', 'Y3']))).toBe(false);
  expect(policy.logs.map(vkeyText)).toEqual([LOG]);
});

test('a quorum of none is always met', () => {
  expect(isMetBy(parse('quorum none\n'), new Set())).toBe(true);
});

describe.each([
  ['no quorum', `log ${LOG}\n`],
  ['two quorums', 'quorum none\nquorum none\n'],
  ['an unknown line', 'quorum none\nrelay x\n'],
  ['a quorum of nobody', 'quorum somebody\n'],
  ['a name twice', `witness a ${W[0]}\nwitness a ${W[1]}\nquorum a\n`],
  ['a key twice', `witness a ${W[0]}\nwitness b ${W[0]}\nquorum a\n`],
  ['a witness called none', `witness none ${W[0]}\nquorum none\n`],
  ['a group that comes first', `group g any a\nwitness a ${W[0]}\nquorum g\n`],
  ['a member in two groups', `witness a ${W[0]}\ngroup g any a\ngroup h any a\nquorum g\n`],
  ['too high a threshold', `witness a ${W[0]}\ngroup g 2 a\nquorum g\n`],
  ['a threshold of nought', `witness a ${W[0]}\ngroup g 0 a\nquorum g\n`],
  ['a threshold that is an inherited name', `witness a ${W[0]}\ngroup g constructor a\nquorum g\n`],
  ['a group of nobody', 'group g any\nquorum g\n'],
  ["a witness with a log's key", `witness a ${LOG}\nquorum a\n`],
  ["a log with a witness's key", `log ${W[0]}\nquorum none\n`],
  ['a carriage return', 'quorum none\r\n'],
  ['nothing', ''],
])('a policy with %s', (_, text) => {
  test('is refused', () => expect(() => parse(text)).toThrow());
});

test('names are octets, which need not be UTF-8', () => {
  const name = new Uint8Array([0xff, 0xfe]);
  const data = concat(bytesOf('witness '), name, bytesOf(` ${W[0]}\nquorum `), name, bytesOf('\n'));
  expect(parsePolicy(data).witnesses.size).toBe(1);
});

test('a reader may give a key, a policy, nothing, or something that is neither', () => {
  expect(trustOf('  ')).toEqual({ policy: null });
  expect(trustOf(` ${LOG}\n`)).toEqual({ policy: policyOfLog(LOG as string) });
  expect(trustOf(NESTED)).toEqual({ policy: parse(NESTED) });
  expect(trustOf('hello')).toHaveProperty('problem');
  expect(trustOf(W[0] as string)).toHaveProperty('problem');
});
