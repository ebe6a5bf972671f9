import { describe, expect, test } from 'vitest';

import { aDetail, aSeries } from '../support/samples';
import { extent, prepareChart, productRange } from './chart/prepare';
import { commonGaps, mergeSpans, sparkPieces, splitAtGaps, type Span } from './gaps';

/** The pieces that a drawn line has: runs of values between nulls. */
function pieces(t: number[], values: (number | null | undefined)[]): number[][] {
  const found: number[][] = [[]];
  values.forEach((value, at) => {
    if (value === null) found.push([]);
    else if (value !== undefined) found.at(-1)?.push(t[at] as number);
  });
  return found.filter((piece) => piece.length > 0);
}

const crosses = (piece: number[], [from, to]: Span): boolean =>
  piece.some((at) => at <= from) && piece.some((at) => at >= to);

describe('a line never crosses a gap', () => {
  test('whatever the readings and the gaps are', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let round = 0; round < 300; round += 1) {
      const t = Array.from({ length: 30 }, () => Math.floor(random() * 3000)).toSorted((a, b) => a - b);
      const times = [...new Set(t)];
      const first = Math.floor(random() * (times.length - 1));
      const gap: Span = [times[first] as number, times[first + 1] as number];
      const split = splitAtGaps(aSeries(times.map(() => -180), times), [gap]);
      for (const piece of pieces(split.t, split.columns.temp_c)) {
        expect(crosses(piece, gap)).toBe(false);
      }
    }
  });

  test('no reading is lost or moved by the cut', () => {
    const split = splitAtGaps(aSeries([-1, -2, -3, -4], [0, 60, 6000, 6060]), [[60, 6000]]);
    expect(split.t).toEqual([0, 60, 3030, 6000, 6060]);
    expect(split.columns.temp_c).toEqual([-1, -2, null, -3, -4]);
  });

  test('a gap without readings on both sides cuts nothing', () => {
    const split = splitAtGaps(aSeries([-1, -2], [0, 60]), [[100, 900]]);
    expect(split.columns.temp_c).toEqual([-1, -2]);
  });

  test('a sparkline is cut where a point has no value', () => {
    expect(sparkPieces([[0, 1], [1, 2], [2, null], [3, 4]])).toEqual([[[0, 1], [1, 2]], [[3, 4]]]);
    expect(sparkPieces([[0, null]])).toEqual([]);
  });
});

describe('spans', () => {
  test('overlapping ones become one', () => {
    expect(mergeSpans([[5, 9], [0, 3], [2, 6]])).toEqual([[0, 9]]);
  });

  test('only what every logger missed is a gap of the shipment', () => {
    expect(commonGaps([[[0, 10], [20, 30]], [[5, 25]]])).toEqual([[5, 10], [20, 25]]);
    expect(commonGaps([[[0, 10]], []])).toEqual([]);
  });
});

describe('the chart', () => {
  test('two loggers share one axis, and neither cuts the other', () => {
    const one = { ...aSeries([-1, -2, -3], [0, 60, 6000]), gaps: [[60, 6000]] as Span[] };
    const two = { ...aSeries([-5, -6], [30, 90]), logger: 'LG-2', gaps: [] };
    const data = prepareChart({ series: [one, two] }, aDetail(), null, 6000);
    expect(pieces(data.t, data.loggers[0]?.columns.temp_c ?? [])).toEqual([[0, 60], [6000]]);
    expect(pieces(data.t, data.loggers[1]?.columns.temp_c ?? [])).toEqual([[30, 90]]);
    expect(extent(data, 'temp_c')).toEqual([-6, -1]);
  });

  test('a silent shipment is hatched from its last word to now', () => {
    const data = prepareChart({ series: [aSeries([-1, -2])] }, aDetail({ silent: true }), null, 4000);
    expect(data.gaps).toEqual([{ span: [60, 4000], planned: false }]);
    expect(data.toS).toBe(4000);
  });

  test('a planned gap is told from an unplanned one', () => {
    const gaps = [{ from: '1970-01-01T00:01:00Z', to: '1970-01-01T01:40:00Z', planned: true }];
    const data = prepareChart({ series: [aSeries([1, 2], [60, 6000])] }, aDetail({ gaps }), null, 6000);
    expect(data.gaps).toEqual([{ span: [60, 6000], planned: true }]);
  });

  test('the limit and its forbidden side are always in sight', () => {
    const [low, high] = productRange([-185, -180], { high: -150, low: null });
    expect(high).toBeGreaterThan(-150);
    expect(low).toBeLessThan(-185);
  });
});
