import { expect, test } from 'vitest';

import { ageSeconds, freshness, liveWords, staleSentence } from './age';

const at = (wallS: number, monoS: number) => ({ wallMs: wallS * 1000, monoMs: monoS * 1000 });

test('a page is live below 15 s, amber from 15 s, red from 60 s', () => {
  expect([0, 14.9, 15, 59.9, 60, 9999].map(freshness)).toEqual([
    'live',
    'live',
    'amber',
    'amber',
    'red',
    'red',
  ]);
});

test('a page that never heard the server does not claim to be live', () => {
  expect(freshness(null)).toBe('waiting');
  expect(liveWords(null)).toBe('Connecting');
});

test('the live mark says its age in words', () => {
  expect(liveWords(2.7)).toBe('Live · 2 s ago');
  expect(liveWords(40).replaceAll('\u00a0', ' ')).toBe('Late · 40 s ago');
  expect(liveWords(190).replaceAll('\u00a0', ' ')).toBe('Stale · 3 min ago');
});

test('a clock that was set back does not make a page younger', () => {
  expect(ageSeconds(at(1000, 10), at(400, 85))).toBe(75);
});

test('a monotonic clock that slept does not make a page younger', () => {
  expect(ageSeconds(at(1000, 10), at(1600, 11))).toBe(600);
});

test('an age is never negative', () => {
  expect(ageSeconds(at(1000, 10), at(990, 9))).toBe(0);
});

test('the sentence of a stale page says how old it is, what is safe and what to do', () => {
  expect(staleSentence(74.6)).toMatch(/^What you see is 74 s old\./);
  expect(staleSentence(74)).toContain('Readings are safe');
  expect(staleSentence(74)).toContain('Do not release');
});
