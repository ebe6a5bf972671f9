import type { Entry, Readings, Rule, ShipmentDetail } from '../../api/types';
import { formatDuration } from '../../format/duration';
import { formatLimit } from '../../format/number';
import { entryHeading, MARKED } from '../words';
import type { Band, Limit, Mark } from './paint';
import type { Scene } from './plots';
import { extent, prepareChart, productRange } from './prepare';

const LONGEST_SOURCE = 48;

const seconds = (iso: string): number => Date.parse(iso) / 1000;

function source(rule: Rule | undefined): string {
  // What stands behind a semicolon is about the programme's settings, and is told below the chart.
  const text = (rule?.source ?? '').split(';')[0] ?? '';
  if (text === '') return '';
  return ` (${text.length > LONGEST_SOURCE ? `${text.slice(0, LONGEST_SOURCE - 1)}…` : text})`;
}

/** The limits in force now, each with the rule that it comes from. */
export function limitsOf(detail: ShipmentDetail): Limit[] {
  const rule = (side: 'above' | 'below', value: number): Rule | undefined =>
    detail.rules.find(
      (one) => one.kind === 'limit' && (one.channel ?? 'temp_c') === 'temp_c' && one[side] === value,
    );
  const limit = (side: 'above' | 'below', value: number | null): Limit[] =>
    value === null
      ? []
      : [{ side, value, label: `limit ${formatLimit(value)}${source(rule(side, value))}` }];
  return [...limit('above', detail.limit_high_c), ...limit('below', detail.limit_low_c)];
}

function bandsOf(detail: ShipmentDetail, endS: number): Band[] {
  return detail.excursions
    .map((one): Band => ({
      span: [seconds(one.started_at), one.ended_at ? seconds(one.ended_at) : endS],
      certain: one.certainty === 'confirmed',
      label: `${one.certainty === 'confirmed' ? 'excursion' : 'possible'} ${formatDuration(one.duration_s)}`,
    }))
    .toSorted((a, b) => a.span[0] - b.span[0]);
}

const marksOf = (entries: Entry[] | null): Mark[] =>
  (entries ?? [])
    .filter((entry) => MARKED.has(entry.kind))
    .map((entry) => ({ at: seconds(entry.claimed_at), label: entryHeading(entry) }));

/** All that the chart shows, from what the server said. */
export function buildScene(
  detail: ShipmentDetail,
  readings: Readings,
  entries: Entry[] | null,
  shown: { fromS: number; toS: number } | null,
  nowS = Date.now() / 1000,
): Scene {
  const data = prepareChart(readings, detail, shown, nowS);
  const limits = limitsOf(detail);
  const product = extent(data, 'temp_c');
  const bounds = { high: detail.limit_high_c, low: detail.limit_low_c };
  return {
    data,
    limits,
    bands: bandsOf(detail, data.t.at(-1) ?? data.toS),
    marks: marksOf(entries),
    range: productRange(product, bounds),
  };
}
