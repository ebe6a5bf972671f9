import { describe, expect, test } from 'vitest';

import { formatDue, formatDuration, formatPunctuality, formatRough, formatSlack } from './duration';
import { formatLimit, formatNumber, formatPercent, formatTemp, MINUS, NOTHING } from './number';
import { formatClock, formatExact, formatInstant, formatLocal, parseInstant } from './time';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  test('a temperature has one decimal, its unit and a true minus', () => {
    expect(plain(formatTemp(-142.3))).toBe('−142.3 °C');
    expect(plain(formatTemp(5))).toBe('5.0 °C');
  });

  test('no number ever shows a hyphen for a minus', () => {
    for (let value = -200; value <= 200; value += 0.37) {
      expect(formatNumber(value)).not.toContain('-');
      expect(formatNumber(value).startsWith(MINUS)).toBe(Number(value.toFixed(1)) < 0);
    }
  });

  test('what rounds to zero has no sign', () => {
    expect(formatNumber(-0.04)).toBe('0.0');
    expect(formatNumber(-0)).toBe('0.0');
  });

  test('an absent or impossible value is never shown as a number', () => {
    for (const value of [null, undefined, Number.NaN, Infinity]) {
      expect(formatTemp(value)).toBe(NOTHING);
    }
  });

  test('a limit says no more decimals than it has', () => {
    expect(plain(formatLimit(-150))).toBe('−150 °C');
    expect(plain(formatLimit(2.5))).toBe('2.5 °C');
  });

  test('a coverage below one hundred is never rounded up to it', () => {
    expect(plain(formatPercent(99.99))).toBe('99.9 %');
    expect(plain(formatPercent(100))).toBe('100 %');
  });
});

describe('durations', () => {
  test.each([
    [20, '20 s'],
    [380, '6 min 20 s'],
    [3600, '1 h'],
    [5460, '1 h 31 min'],
    [187_200, '2 d 4 h'],
    [-5, '0 s'],
  ])('%d s is said as "%s"', (seconds, words) => {
    expect(plain(formatDuration(seconds))).toBe(words);
  });

  test('an age of minutes leaves the seconds out', () => {
    expect(plain(formatRough(125))).toBe('2 min');
    expect(plain(formatRough(59))).toBe('59 s');
  });

  test('slack always has a sign', () => {
    expect(plain(formatSlack(13_200))).toBe('+3 h 40');
    expect(plain(formatSlack(-4320))).toBe('−1 h 12');
    expect(plain(formatSlack(-600))).toBe('−10 min');
    expect(plain(formatSlack(80_000))).toBe('+22 h');
    expect(formatSlack(null)).toBe(NOTHING);
  });

  test('an arrival is on time, early or late', () => {
    expect(formatPunctuality(-40)).toBe('on time');
    expect(plain(formatPunctuality(720))).toBe('12 min early');
    expect(plain(formatPunctuality(-3700))).toBe('1 h 1 min late');
  });

  test('a due time that has passed is called overdue', () => {
    expect(plain(formatDue(420_000, 0))).toBe('7 min left');
    expect(plain(formatDue(0, 180_000))).toBe('overdue by 3 min');
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-21T14:32:00Z');

  test('a time today is UTC and says so', () => {
    expect(formatInstant(Date.parse('2026-11-21T14:26:10Z'), now)).toBe('14:26 UTC');
    expect(formatExact(Date.parse('2026-11-21T14:26:10Z'), now)).toBe('14:26:10 UTC');
  });

  test('another day is named', () => {
    expect(formatClock(Date.parse('2026-11-22T08:00:00Z'), now)).toBe('Sun 08:00');
    expect(formatClock(Date.parse('2026-12-03T09:15:00Z'), now)).toBe('3 Dec 09:15');
    expect(formatClock(Date.parse('2027-01-03T09:15:00Z'), now)).toBe('3 Jan 2027 09:15');
  });

  test('the same instant is told in local time on both sides of a change of clocks', () => {
    const zone = 'America/Chicago';
    expect(formatLocal(Date.parse('2026-11-01T06:30:00Z'), zone)).toContain('01:30:00 CDT');
    expect(formatLocal(Date.parse('2026-11-01T07:30:00Z'), zone)).toContain('01:30:00 CST');
  });

  test('a text that is no instant is no time', () => {
    expect(parseInstant('soon')).toBeNull();
    expect(formatInstant(parseInstant(null), now)).toBe(NOTHING);
  });
});
