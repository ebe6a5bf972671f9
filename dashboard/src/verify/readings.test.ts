import { expect, test } from 'vitest';

import { bytesOf, hex } from './bytes.ts';
import { leafHash, rootOf } from './merkle.ts';
import { brokenSeal, parseReadings } from './readings.ts';
import type { Sealed } from './statement.ts';

const line = (second: number, logger = 'L-1', temp = '-190.25'): string =>
  `{"logger":"${logger}","measured_at":"2026-11-21T10:00:0${second}.500000Z","seq":${second},"temp_c":"${temp}"}`;
const read = (...lines: string[]) => parseReadings(bytesOf(lines.map((each) => `${each}\n`).join('')));

function sealOf(...lines: string[]): Sealed {
  const root = hex(rootOf(lines.map((each) => leafHash(bytesOf(each)))));
  const until = '2026-11-21T10:00:09.000Z';
  return { leg: 1, from: '2026-11-21T10:00:00.000Z', until, count: lines.length, root, earlier: null };
}

test('sealed readings are those that were sealed', () => {
  const lines = [line(1), line(1, 'L-2'), line(2)];
  expect(brokenSeal(sealOf(...lines), read(...lines))).toBeNull();
  expect(brokenSeal(sealOf(), read())).toBeNull();
});

test('a reading changed, left out, out of order, twice or out of bounds is found', () => {
  const sealed = sealOf(line(1), line(2));
  for (const lines of [
    [line(1), line(2, 'L-1', '-190.2')],
    [line(1)],
    [line(2), line(1)],
    [line(1), line(1)],
    [],
  ]) {
    expect(brokenSeal(sealed, read(...lines))).not.toBeNull();
    if (lines.length === 2 && lines[0] !== line(1)) {
      expect(brokenSeal(sealOf(...lines), read(...lines))).toContain('order');
    }
  }
  const late = { ...sealOf(line(1)), until: '2026-11-21T10:00:01.500Z' };
  expect(brokenSeal(late, read(line(1)))).toContain('outside');
  const early = { ...sealOf(line(1)), from: '2026-11-21T10:00:01.501Z' };
  expect(brokenSeal(early, read(line(1)))).toContain('outside');
  expect(brokenSeal({ ...early, from: '2026-11-21T10:00:01.500Z' }, read(line(1)))).toBeNull();
});

test('serials are in the order of their code points, not of UTF-16', () => {
  const lines = [line(1, '\uff01'), line(1, '\u{1f9ec}')];
  expect(brokenSeal(sealOf(...lines), read(...lines))).toBeNull();
});

test.each(['0', '-0.5', '1e-7', '1e+21', '123456789012345680000', '0.1', '5e-324'])('%s is a number', (text) => {
  expect(read(line(1, 'L', text))).toHaveLength(1);
});

test.each(['', '-0', '1.0', '.5', '1e7', '1E-7', '+1', ' 1', 'NaN', 'nan', 'Infinity', '0x10', '0.1000', '١'])(
  '%s is not the writing of a number',
  (text) => expect(() => read(line(1, 'L', text))).toThrow(),
);

test.each([
  '{"logger":"L","measured_at":"2026-11-21T10:00:00.500Z"}',
  '{"logger":"L","measured_at":"2026-02-30T10:00:00.500000Z"}',
  '{"logger":"L","measured_at":"0000-01-01T10:00:00.500000Z"}',
  '{"measured_at":"2026-11-21T10:00:00.500000Z"}',
  '{"humour":"1","logger":"L","measured_at":"2026-11-21T10:00:00.500000Z"}',
  '{"logger":"L","measured_at":"2026-11-21T10:00:00.500000Z","temp_c":1}',
  '{"logger":"L","measured_at":"2026-11-21T10:00:00.500000Z","seq":-1}',
  '{"logger":"L","measured_at":"2026-11-21T10:00:00.500000Z","seq":null}',
  '',
  '[]',
])('a line that is not of its form is refused: %s', (text) => {
  expect(() => read(text)).toThrow();
});

test('a last line that does not end is refused', () => {
  expect(() => parseReadings(bytesOf(line(1)))).toThrow('does not end');
});
