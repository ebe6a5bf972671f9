import { formatRough } from '../format/duration';

/** Seconds without proof of life after which the screen must not be trusted at a glance. */
export const AMBER_AFTER_S = 15;
/** Seconds after which the screen says so in a sentence. */
export const RED_AFTER_S = 60;

export type Freshness = 'waiting' | 'live' | 'amber' | 'red';

/** One moment on two clocks: a wall clock can be set back, a monotonic one can sleep. */
export interface Moment {
  wallMs: number;
  monoMs: number;
}

/** Seconds between two moments, by whichever clock says more; never negative. */
export function ageSeconds(last: Moment, now: Moment): number {
  return Math.max(0, (now.wallMs - last.wallMs) / 1000, (now.monoMs - last.monoMs) / 1000);
}

/** How much a page of this age may be trusted; `null` means nothing was ever heard. */
export function freshness(age: number | null): Freshness {
  if (age === null) return 'waiting';
  if (age >= RED_AFTER_S) return 'red';
  return age >= AMBER_AFTER_S ? 'amber' : 'live';
}

/** The words of the live mark. */
export function liveWords(age: number | null): string {
  switch (freshness(age)) {
    case 'waiting':
      return 'Connecting';
    case 'live':
      return `Live · ${Math.floor(age ?? 0)} s ago`;
    case 'amber':
      return `Late · ${formatRough(age ?? 0)} ago`;
    case 'red':
      return `Stale · ${formatRough(age ?? 0)} ago`;
  }
}

/** The sentence of a stale page. */
export function staleSentence(age: number): string {
  const shown = age < 120 ? `${Math.floor(age)} s` : formatRough(age);
  return (
    `What you see is ${shown} old. The server has not been heard since then. ` +
    'Readings are safe: loggers and server keep them. Do not release on this page; call the site.'
  );
}
