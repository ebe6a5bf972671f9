import { describe, expect, test } from 'vitest';

import { aRow, aSeries, anEntry } from '../support/samples';
import { ruleWords } from './rules';
import { entryHeading, placeWords, receivedWords, trendWords } from './words';

const plain = (text: string | null): string | null => text?.replaceAll('\u00a0', ' ') ?? null;
const rule = { id: 'r', kind: 'limit', stage: 'transit', dwell_s: null, source: null };

describe('where', () => {
  test('at a site it is the site', () => {
    expect(placeWords(aRow({ lat: 47.6, lon: -122.3 }))).toBe('Seattle QTC');
  });

  test('between sites it is the way that is left', () => {
    expect(plain(placeWords(aRow()))).toMatch(/^3,0\d\d km from Seattle QTC$/);
  });

  test('without a position it is not invented', () => {
    expect(placeWords(aRow({ lat: null, lon: null }))).toBe('No position yet');
  });
});

describe('the trend', () => {
  test('is told per minute', () => {
    expect(plain(trendWords(aSeries([-150, -149, -148, -147]), 180))).toBe('rising 1.0 °C/min');
  });

  test('is not told from readings that are old', () => {
    expect(trendWords(aSeries([-150, -149, -148, -147]), 9000)).toBeNull();
  });
});

describe('custody', () => {
  const accept = anEntry({ index: 2, kind: 'accept' });

  test('an entry is headed by what happened and who did it', () => {
    expect(entryHeading(accept)).toBe('Accepted by Polar Line');
    expect(entryHeading(anEntry({ kind: 'arrive', place_name: 'Memphis hub' }))).toBe('Arrived at Memphis hub');
  });
});

test('a rule is told in the unit of its channel', () => {
  expect(plain(ruleWords({ ...rule, channel: 'temp_c', above: -150, below: null }))).toBe('product not above −150 °C');
  expect(ruleWords({ ...rule, channel: 'tilt_deg', above: 30, below: null })).toBe('tilt not above 30°');
});

describe('how much was received', () => {
  test('what is missing is told, more than planned is not', () => {
    expect(receivedWords({ received: 70, expected: 79, late: 0 })).toBe('70 of 79 readings');
    expect(receivedWords({ received: 170, expected: 79, late: 6 })).toBe('170 readings, 6 late');
    expect(receivedWords({ received: 5, expected: null, late: 0 })).toBe('5 readings');
  });
});
