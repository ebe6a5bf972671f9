import type { Timed } from '../api/client';
import type { Json } from '../verify/canonical.ts';

/** How old an answer may be that the device's clock is compared by, ms. */
const RECENT_MS = 600_000;
/** Two seconds hold the server's time: `Date` is cut to a second, and renewed once a second. */
const DATE_WIDTH_MS = 2000;

/**
 * What the device knows of its clock: the server's time less its own, and how far off that may be.
 * Null when nothing is known, or when the clock was put back since.
 */
export function clockOf(answer: Timed | null, nowMs: number): Json {
  const serverMs = Date.parse(answer?.date ?? '');
  if (!answer || Number.isNaN(serverMs)) return null;
  const { askedMs, cameMs } = answer;
  if (cameMs < askedMs || nowMs < cameMs || nowMs - cameMs > RECENT_MS) return null;
  return {
    offset_ms: Math.round(serverMs + DATE_WIDTH_MS / 2 - (askedMs + cameMs) / 2),
    error_ms: Math.ceil((cameMs - askedMs + DATE_WIDTH_MS) / 2),
    synced_at: new Date(cameMs).toISOString(),
  };
}
