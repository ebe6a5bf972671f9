import type { Column, ReadingSeries } from '../api/types';

export type Span = [from: number, to: number];

/** The channels that a chart draws. */
export const CHANNELS = ['temp_c', 'ambient_c', 'tilt_deg'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Split {
  t: number[];
  columns: Record<Channel, Column>;
}

/** True when some gap lies between two neighbouring readings, touching or inside. */
function parted(gaps: Span[], before: number, after: number): boolean {
  return gaps.some(([from, to]) => from < after && to > before && to > from);
}

/**
 * The columns of a series with one empty instant put into every gap, so that a line drawn
 * through them stops and starts again there. Readings keep their order and values.
 */
export function splitAtGaps(series: ReadingSeries, gaps: Span[]): Split {
  const t: number[] = [];
  const columns: Record<Channel, Column> = { temp_c: [], ambient_c: [], tilt_deg: [] };
  series.t.forEach((at, position) => {
    const before = t.at(-1);
    if (before !== undefined && parted(gaps, before, at)) {
      t.push((before + at) / 2);
      for (const channel of CHANNELS) columns[channel].push(null);
    }
    t.push(at);
    for (const channel of CHANNELS) columns[channel].push(series[channel]?.[position] ?? null);
  });
  return { t, columns };
}

/** Spans as one sorted list without overlaps. */
export function mergeSpans(spans: Span[]): Span[] {
  const merged: Span[] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Where no series at all was speaking: what is hatched behind lines of several loggers. */
export function commonGaps(perSeries: Span[][]): Span[] {
  const [first, ...rest] = perSeries.map(mergeSpans);
  return rest.reduce<Span[]>(
    (common, spans) =>
      common.flatMap(([from, to]) =>
        spans
          .map(([a, b]): Span => [Math.max(from, a), Math.min(to, b)])
          .filter(([a, b]) => b > a),
      ),
    first ?? [],
  );
}

/** Pieces of a sparkline: neighbouring points that have values, cut wherever one has none. */
export function sparkPieces(points: [number, number | null][]): [number, number][][] {
  const pieces: [number, number][][] = [];
  let piece: [number, number][] = [];
  for (const [at, value] of points) {
    if (value === null) {
      if (piece.length > 0) pieces.push(piece);
      piece = [];
    } else piece.push([at, value]);
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}
