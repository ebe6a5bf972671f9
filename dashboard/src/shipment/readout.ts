import { formatDuration } from '../format/duration';
import { formatNumber, formatTemp, NBSP } from '../format/number';
import { formatExact, formatLocal } from '../format/time';
import type { ChartData } from './chart/prepare';

/** Readings that took longer to arrive are called late, s. */
const LATE_S = 60;

/** What the cursor stands on, in words: measured, values, received. */
export function readoutWords(data: ChartData, index: number | null, nowMs: number): string {
  const at = index === null ? undefined : data.t[index];
  if (index === null || at === undefined) return '';
  const spoke = data.loggers.filter(({ received }) => received.has(at));
  const when = `${formatExact(at * 1000, nowMs)} · ${formatLocal(at * 1000)}`;
  if (spoke.length === 0) return `${when} · nothing measured here`;
  return spoke
    .map(({ serial, columns, received }, position) => {
      const name = data.loggers.length > 1 ? `${serial} ` : '';
      const parts = [`${name}product ${formatTemp(columns.temp_c[index])}`];
      const outside = columns.ambient_c[index];
      if (outside !== null && outside !== undefined) parts.push(`outside ${formatTemp(outside)}`);
      const tilt = columns.tilt_deg[index];
      if (tilt !== null && tilt !== undefined) parts.push(`tilt ${formatNumber(tilt, 0)}°`);
      const got = received.get(at);
      if (got && got - at > LATE_S) parts.push(`received ${formatDuration(got - at)} later`);
      else if (got) parts.push(`received at${NBSP}once`);
      return (position === 0 ? [when, ...parts] : parts).join(' · ');
    })
    .join(' · ');
}
