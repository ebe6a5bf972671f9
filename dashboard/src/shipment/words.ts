import type { Entry, ReadingSeries, ShipmentDetail, ShipmentRow } from '../api/types';
import { distanceKm, type Position } from '../board/map/geometry';
import { formatDuration } from '../format/duration';
import { formatNumber, NBSP } from '../format/number';

const AT_SITE_KM = 15;
const TREND_S = 900;
/** Below this the product is not moving in any way that matters, °C/min. */
const STEADY_C_PER_MIN = 0.05;

/** Where a shipment is, in words that need no map. */
export function placeWords(row: ShipmentRow): string {
  if (row.lat === null || row.lon === null) {
    return row.state === 'planned' || row.state === 'released'
      ? `Expected at ${row.origin.name}`
      : 'No position yet';
  }
  const here: Position = [row.lon, row.lat];
  const away = (site: ShipmentRow['origin']): number =>
    site.lat === null || site.lon === null ? Infinity : distanceKm(here, [site.lon, site.lat]);
  if (away(row.destination) <= AT_SITE_KM) return row.destination.name;
  if (away(row.origin) <= AT_SITE_KM) return row.origin.name;
  const km = away(row.destination);
  return Number.isFinite(km)
    ? `${Math.round(km).toLocaleString('en-US')}${NBSP}km from ${row.destination.name}`
    : `${formatNumber(row.lat, 2)}°, ${formatNumber(row.lon, 2)}°`;
}

/** How the temperature moves, from the readings of the last quarter of an hour. */
export function trendWords(series: ReadingSeries | undefined, nowS: number): string | null {
  if (!series) return null;
  const recent: [number, number][] = [];
  for (let at = series.t.length - 1; at >= 0; at -= 1) {
    const t = series.t[at] as number;
    if (nowS - t > TREND_S) break;
    const value = series.temp_c[at];
    if (value !== null && value !== undefined) recent.push([t, value]);
  }
  if (recent.length < 3) return null;
  const meanT = recent.reduce((sum, [t]) => sum + t, 0) / recent.length;
  const meanC = recent.reduce((sum, [, c]) => sum + c, 0) / recent.length;
  const spread = recent.reduce((sum, [t]) => sum + (t - meanT) ** 2, 0);
  if (spread === 0) return null;
  const perMin =
    (60 * recent.reduce((sum, [t, c]) => sum + (t - meanT) * (c - meanC), 0)) / spread;
  if (Math.abs(perMin) < STEADY_C_PER_MIN) return 'steady';
  return `${perMin > 0 ? 'rising' : 'falling'} ${formatNumber(Math.abs(perMin), 1)}${NBSP}°C/min`;
}

const KIND_WORDS: Record<string, string> = {
  commission: 'Commissioned',
  pack: 'Packed and sealed',
  condition: 'Shipper conditioned',
  release: 'Released',
  offer: 'Offered',
  accept: 'Accepted',
  refuse: 'Refused',
  depart: 'Departed',
  arrive: 'Arrived',
  store: 'Put into storage',
  inspect: 'Inspected',
  open: 'Opened',
  thaw: 'Thaw begun',
  infuse: 'Infused',
  waste: 'Wasted',
  return: 'Returned',
  requalify: 'Shipper requalified',
  transfer_title: 'Title passed',
  seal_readings: 'Readings sealed',
  hold: 'Put on hold',
  disposition: 'Disposition',
  correct: 'Corrected',
  erase_identity: 'Identity erased',
};

/** The heading of a ledger entry: what happened, by or to whom, where. */
export function entryHeading(entry: Entry): string {
  const word = KIND_WORDS[entry.kind] ?? entry.kind.replaceAll('_', ' ');
  switch (entry.kind) {
    case 'offer':
      return entry.from_name ? `${word} by ${entry.from_name}` : word;
    case 'accept':
    case 'refuse':
      if (entry.accepted_with_remarks) {
        return `Accepted with remarks${entry.to_name ? ` by ${entry.to_name}` : ''}`;
      }
      return entry.to_name ? `${word} by ${entry.to_name}` : word;
    case 'transfer_title':
      return entry.to_name ? `${word} to ${entry.to_name}` : word;
    case 'depart':
      return entry.place_name ? `${word} ${entry.place_name}` : word;
    case 'arrive':
      return entry.place_name ? `${word} at ${entry.place_name}` : word;
    default:
      return word;
  }
}

/** Kinds drawn on the time axis of the chart. */
export const MARKED: ReadonlySet<string> = new Set([
  'pack',
  'accept',
  'refuse',
  'depart',
  'arrive',
  'store',
  'open',
  'thaw',
]);

/** The last entry of these kinds, in ledger order. */
export const lastOf = (entries: Entry[] | null, ...kinds: string[]): Entry | undefined =>
  entries?.filter((entry) => kinds.includes(entry.kind)).toSorted((a, b) => a.index - b.index).at(-1);

/** "741 of 744 readings, 3 late" */
export function receivedWords(
  verdict: Pick<NonNullable<ShipmentDetail['verdict']>, 'received' | 'expected' | 'late'>,
): string {
  // A logger may measure more often than its plan says; "170 of 79" would help nobody.
  const short = verdict.expected !== null && verdict.received < verdict.expected;
  const of = short ? ` of ${verdict.expected?.toLocaleString('en-US')}` : '';
  const late = verdict.late > 0 ? `, ${verdict.late.toLocaleString('en-US')} late` : '';
  return `${verdict.received.toLocaleString('en-US')}${of} readings${late}`;
}

/** "longest gap 1 h 31 min", or that there is none. */
export const gapWords = (seconds: number | null): string =>
  seconds === null ? 'longest gap not known' : seconds === 0 ? 'no gap' : `longest gap ${formatDuration(seconds)}`;
