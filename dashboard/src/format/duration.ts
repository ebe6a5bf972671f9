import { MINUS, NBSP, NOTHING } from './number';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

function join(parts: [number, string][]): string {
  return parts
    .filter(([count], position) => count > 0 || position === 0)
    .map(([count, unit]) => `${count}${NBSP}${unit}`)
    .join(' ');
}

/** A span in words, two units at most: "6 min 20 s", "1 h 31 min", "2 d 4 h". */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NOTHING;
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return join([[whole, 's']]);
  if (whole < HOUR) {
    return join([
      [Math.floor(whole / MINUTE), 'min'],
      [whole % MINUTE, 's'],
    ]);
  }
  if (whole < DAY) {
    return join([
      [Math.floor(whole / HOUR), 'h'],
      [Math.floor((whole % HOUR) / MINUTE), 'min'],
    ]);
  }
  return join([
    [Math.floor(whole / DAY), 'd'],
    [Math.floor((whole % DAY) / HOUR), 'h'],
  ]);
}

/** As `formatDuration`, without seconds from one minute on: for ages and times left. */
export function formatRough(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return formatDuration(whole < MINUTE ? whole : whole < HOUR ? whole - (whole % MINUTE) : whole);
}

/** Time in hand, signed: "+3 h 40", "−1 h 12", "+22 min"; from ten hours on, whole hours. */
export function formatSlack(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NOTHING;
  const sign = seconds < 0 ? MINUS : '+';
  const minutes = Math.floor(Math.abs(seconds) / MINUTE);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${sign}${minutes}${NBSP}min`;
  if (hours >= 48) return `${sign}${Math.floor(hours / 24)}${NBSP}d${NBSP}${hours % 24}${NBSP}h`;
  const rest = hours >= 10 ? 0 : minutes % 60;
  return `${sign}${hours}${NBSP}h${rest > 0 ? `${NBSP}${String(rest).padStart(2, '0')}` : ''}`;
}

/** How an arrival kept its time: "on time", "12 min early", "1 h late". */
export function formatPunctuality(slackS: number): string {
  const minutes = Math.trunc(slackS / MINUTE);
  if (minutes === 0) return 'on time';
  return `${formatRough(Math.abs(minutes) * MINUTE)} ${minutes > 0 ? 'early' : 'late'}`;
}

/** What a due time means now: "7 min left", "overdue by 3 min". */
export function formatDue(dueMs: number, nowMs: number): string {
  const left = (dueMs - nowMs) / 1000;
  return left >= 0 ? `${formatRough(left)} left` : `overdue by ${formatRough(-left)}`;
}
