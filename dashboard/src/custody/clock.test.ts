import { expect, test } from 'vitest';

import { clockOf } from './clock';

const NOON = Date.parse('2026-11-22T12:00:00Z');

test('the true offset lies within the error, wherever in its two seconds the server was', () => {
  for (const offMs of [-86_400_000, -1500, 0, 1, 999, 40_000]) {
    for (const serverLateMs of [0, 1, 500, 999, 1500, 1999]) {
      for (const tripMs of [0, 3, 250]) {
        const trueMs = NOON + serverLateMs;
        const askedMs = trueMs - offMs - tripMs;
        const cameMs = trueMs - offMs;
        const clock = clockOf({ date: new Date(NOON).toUTCString(), askedMs, cameMs }, cameMs);
        const { offset_ms, error_ms } = clock as { offset_ms: number; error_ms: number };
        expect(Math.abs(offset_ms - offMs)).toBeLessThanOrEqual(error_ms + 1);
        expect(Number.isInteger(offset_ms) && Number.isInteger(error_ms)).toBe(true);
      }
    }
  }
});

test('nothing is claimed of a clock that was not compared, too long ago, or put back since', () => {
  const date = new Date(NOON).toUTCString();
  expect(clockOf(null, NOON)).toBeNull();
  expect(clockOf({ date: null, askedMs: NOON, cameMs: NOON }, NOON)).toBeNull();
  expect(clockOf({ date: 'yesterday', askedMs: NOON, cameMs: NOON }, NOON)).toBeNull();
  expect(clockOf({ date, askedMs: NOON, cameMs: NOON }, NOON + 3_600_000)).toBeNull();
  expect(clockOf({ date, askedMs: NOON, cameMs: NOON }, NOON - 1)).toBeNull();
  expect(clockOf({ date, askedMs: NOON, cameMs: NOON - 1 }, NOON)).toBeNull();
});
