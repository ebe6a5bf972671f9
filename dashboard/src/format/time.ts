import { NOTHING } from './number';

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
const clockSeconds = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
});
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });
const dayMonth = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});

const DAY_MS = 86_400_000;
const utcDay = (ms: number): number => Math.floor(ms / DAY_MS);

/** Milliseconds of an ISO-8601 instant, or null where there is none to read. */
export function parseInstant(iso: string | null | undefined): number | null {
  if (!iso) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}

/**
 * The day an instant falls on, as little as is needed to be unmistakable beside `nowMs`:
 * nothing for today, "Thu" within six days, else "3 Dec" (with the year if it is another).
 */
export function formatDay(ms: number, nowMs: number): string {
  const days = utcDay(ms) - utcDay(nowMs);
  if (days === 0) return '';
  if (Math.abs(days) < 7) return weekday.format(ms);
  const year = new Date(ms).getUTCFullYear();
  return dayMonth.format(ms) + (year === new Date(nowMs).getUTCFullYear() ? '' : ` ${year}`);
}

/** "14:26", "Fri 08:00", "3 Dec 09:15": UTC, for places whose heading names the zone. */
export function formatClock(ms: number, nowMs: number): string {
  const day = formatDay(ms, nowMs);
  return day ? `${day} ${clock.format(ms)}` : clock.format(ms);
}

/** "14:26 UTC" */
export function formatInstant(ms: number | null, nowMs: number): string {
  return ms === null ? NOTHING : `${formatClock(ms, nowMs)} UTC`;
}

/** "14:26:10 UTC", with the day where it is not today. */
export function formatExact(ms: number, nowMs: number): string {
  const day = formatDay(ms, nowMs);
  return `${day ? `${day} ` : ''}${clockSeconds.format(ms)} UTC`;
}

const localFormats = new Map<string, Intl.DateTimeFormat>();

/** A format costs a thousand times what using it does: one for each zone. */
function localFormat(zone: string | undefined): Intl.DateTimeFormat {
  const known = localFormats.get(zone ?? '');
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(zone ? { timeZone: zone } : {}),
  });
  localFormats.set(zone ?? '', made);
  return made;
}

/** The same instant where the person sits: "Sat, Nov 21, 2026, 09:26:10 CST (America/Chicago)". */
export function formatLocal(ms: number, zone?: string): string {
  const format = localFormat(zone);
  return `${format.format(ms)} (${format.resolvedOptions().timeZone})`;
}

/** "12 Mar 2027" */
export function formatDate(iso: string | null | undefined): string {
  const ms = parseInstant(iso);
  if (ms === null) return NOTHING;
  return `${dayMonth.format(ms)} ${new Date(ms).getUTCFullYear()}`;
}
