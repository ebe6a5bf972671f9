import { expect, test } from 'vitest';

import { note, fault, stepOf, type Verification } from './result.ts';
import { conclusionOf, notProvenBy, provenBy, standingOf } from './sentences.ts';

const result = (...findings: Parameters<typeof stepOf>[1][]): Verification => ({
  ok: !findings.flatMap((each) => [...each]).some(({ severity }) => severity === 'fault'),
  form: 'bundle',
  log: 'unbroken/test',
  order: 'A-1',
  size: 9,
  root: '00',
  entries: 3,
  witnessed: { count: 0, quorum_met: null, at: null },
  steps: findings.map((each, at) => stepOf(at + 1, each)),
});

test('a file without faults is proven only if the reader named the log', () => {
  expect(standingOf(result([]))).toBe('proven');
  expect(standingOf(result([note('log_not_pinned', null, '')]))).toBe('unpinned');
  expect(standingOf(result([fault('rule_broken', 3, '')]))).toBe('faulty');
});

test('a file with a fault proves nothing', () => {
  const broken = result([fault('rule_broken', 3, ''), fault('seal_broken', 4, '')]);
  expect(provenBy(broken)).toEqual([]);
  expect(conclusionOf(broken)).toContain('2 faults');
  expect(conclusionOf(broken)).toContain('do not rely');
});

test('the receipt of what is in conflict says that it changed nothing', () => {
  const receipt = (...found: Parameters<typeof stepOf>[1][]) => ({ ...result(...found), form: 'receipt' as const });
  const lost = receipt([note('in_conflict', 3, '')]);
  expect(conclusionOf(lost)).toContain('changed nothing');
  expect(conclusionOf(receipt([]))).not.toContain('changed nothing');
  expect(notProvenBy(receipt([])).join()).toContain('did not contradict');
  expect(notProvenBy(lost).join()).not.toContain('did not contradict');
});

test('what is said being true is never proven', () => {
  for (const each of [result([]), result([note('log_not_pinned', null, '')])]) {
    expect(notProvenBy(each).at(-1)).toBe('That what was said is true.');
  }
});

test('findings stand in the order of their entries, each code once an entry', () => {
  const { findings } = stepOf(8, [
    fault('signer_differs', 7, 'first'),
    fault('signature_bad', 7, ''),
    fault('signer_differs', 7, 'second'),
    note('key_suspect', null, ''),
    fault('signature_bad', 2, ''),
  ]);
  expect(findings.map(({ index, code }) => [index, code])).toEqual([
    [null, 'key_suspect'],
    [2, 'signature_bad'],
    [7, 'signature_bad'],
    [7, 'signer_differs'],
  ]);
  expect(findings.at(-1)?.sentence).toBe('first');
});
