import type { Readings, ShipmentDetail } from '../../api/types';
import { commonGaps, mergeSpans, splitAtGaps, CHANNELS, type Channel, type Span } from '../gaps';

/** A column on the shared time axis: null breaks the line, undefined is bridged. */
export type Joined = (number | null | undefined)[];

export interface LoggerColumns {
  serial: string;
  columns: Record<Channel, Joined>;
  /** Received, unix seconds, by measured time. */
  received: Map<number, number | null>;
}

export interface Hatch {
  span: Span;
  planned: boolean;
}

export interface ChartData {
  t: number[];
  loggers: LoggerColumns[];
  gaps: Hatch[];
  fromS: number;
  toS: number;
}

const seconds = (iso: string): number => Date.parse(iso) / 1000;

function gapsPerSeries(readings: Readings, detail: ShipmentDetail): Span[][] {
  const common = readings.gaps ?? detail.gaps.map((gap): Span => [seconds(gap.from), seconds(gap.to)]);
  return readings.series.map((series) => mergeSpans([...(series.gaps ?? common)].map(([a, b]): Span => [a, b])));
}

/** What to hatch: where no logger spoke, and the time since a silent shipment's last word. */
function silences(readings: Readings, detail: ShipmentDetail, perSeries: Span[][], nowS: number): Span[] {
  const common = readings.gaps ?? commonGaps(perSeries);
  const last = Math.max(...readings.series.map((series) => series.t.at(-1) ?? -Infinity));
  const since: Span[] = detail.silent && Number.isFinite(last) && last < nowS ? [[last, nowS]] : [];
  return mergeSpans([...common, ...since].map(([from, to]): Span => [from, to]));
}

/** Readings of all loggers on one time axis, cut at their gaps, and what to hatch. */
export function prepareChart(
  readings: Readings,
  detail: ShipmentDetail,
  shown: { fromS: number; toS: number } | null,
  nowS: number,
): ChartData {
  const perSeries = gapsPerSeries(readings, detail);
  const splits = readings.series.map((series, at) => splitAtGaps(series, perSeries[at] ?? []));
  const t = [...new Set(splits.flatMap((split) => split.t))].toSorted((a, b) => a - b);
  const places = new Map(t.map((at, index) => [at, index]));
  const loggers = readings.series.map((series, index): LoggerColumns => {
    const split = splits[index];
    const columns = Object.fromEntries(
      CHANNELS.map((channel) => {
        const column: Joined = new Array<undefined>(t.length).fill(undefined);
        split?.t.forEach((at, row) => {
          column[places.get(at) as number] = split.columns[channel][row] ?? null;
        });
        return [channel, column];
      }),
    ) as Record<Channel, Joined>;
    const received = new Map(series.t.map((at, row) => [at, series.received?.[row] ?? null]));
    return { serial: series.logger, columns, received };
  });
  const fromS = shown?.fromS ?? t[0] ?? 0;
  const quiet = silences(readings, detail, perSeries, nowS);
  const toS = shown?.toS ?? Math.max(t.at(-1) ?? 0, quiet.at(-1)?.[1] ?? 0);
  const planned = detail.gaps
    .filter((gap) => gap.planned)
    .map((gap): Span => [seconds(gap.from), seconds(gap.to)]);
  const gaps = quiet
    .filter(([from, to]) => to > fromS && from < toS)
    .map((span) => ({ span, planned: planned.some(([from, to]) => from < span[1] && to > span[0]) }));
  return { t, loggers, gaps, fromS, toS };
}

/** Lowest and highest of a channel over all loggers, or null when it is nowhere. */
export function extent(data: ChartData, channel: Channel): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { columns } of data.loggers) {
    for (const value of columns[channel]) {
      if (value === null || value === undefined) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : null;
}

/** The product's scale: all readings and limits, with room to see the forbidden side. */
export function productRange(
  values: [number, number] | null,
  limits: { high: number | null; low: number | null },
): [number, number] {
  const known = [...(values ?? []), limits.high, limits.low].filter((one) => one !== null);
  if (known.length === 0) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const span = Math.max(high - low, 2);
  return [
    low - span * (limits.low === null ? 0.1 : 0.22),
    high + span * (limits.high === null ? 0.1 : 0.22),
  ];
}
