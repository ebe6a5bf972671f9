import { expect, test } from 'vitest';

import {
  alertShape,
  alertWhy,
  judgeOutcome,
  judgeRow,
  nextWords,
  severityShape,
  shortTherapy,
  verdictHeading,
} from './words';

test('no outcome is unknown, never well', () => {
  expect(judgeOutcome(null).shape).toBe('unknown');
  expect(judgeOutcome('indeterminate').shape).toBe('unknown');
  expect(verdictHeading(null, false)).toBe('Not judged yet');
});

test('a silent shipment is not shown as well, whatever was known before', () => {
  expect(judgeRow({ outcome: 'within', silent: true })).toEqual({ shape: 'unknown', word: 'silent' });
  expect(severityShape('none', true)).toBe('unknown');
});

test('silence does not hide an excursion', () => {
  expect(judgeRow({ outcome: 'excursion', silent: true }).shape).toBe('critical');
});

test('a silence keeps the shape of the unknown until it is critical', () => {
  expect(alertShape({ kind: 'silence', severity: 'warning' })).toBe('unknown');
  expect(alertShape({ kind: 'silence', severity: 'critical' })).toBe('critical');
});

test('the next step names its place', () => {
  expect(nextWords({ what: 'arrive', place: 'Memphis hub' })).toBe('arrive Memphis hub');
  expect(nextWords({ what: 'accept', place: 'Seattle QTC' })).toBe('accept at Seattle QTC');
  expect(nextWords({ what: 'set upright' })).toBe('set upright');
});

test('what stands beside an alert is not said twice', () => {
  const alert = {
    shipment: 'U-1',
    therapy_name: 'Kymriah (x)',
    detail: 'U-1 · Kymriah (x). Above 3.',
    holder_name: 'Polar Line',
    destination_name: 'Lakeside',
  };
  expect(alertWhy(alert)).toBe('Above 3. With Polar Line, for Lakeside.');
  expect(alertWhy({ ...alert, detail: 'Quiet.', holder_name: null })).toBe('Quiet. For Lakeside.');
  expect(shortTherapy('Kymriah (tisagenlecleucel)')).toBe('Kymriah');
});
