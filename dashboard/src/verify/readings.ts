import { bytesOf, hex, isSame, refuse, type Bytes } from './bytes.ts';
import { decode, isObject } from './canonical.ts';
import * as form from './form.ts';
import { leafHash, rootOf } from './merkle.ts';
import type { Sealed } from './statement.ts';

/** The sealed readings of one leg: lines of JSON, each with one writing only. */
export interface ReadingLine {
  bytes: Bytes;
  measuredAt: string;
  /** UTF-8 of the serial, which sorts as code points do. */
  logger: Bytes;
}

const CHANNELS = new Set([
  'temp_c', 'ambient_c', 'lat', 'lon', 'tilt_deg', 'shock_g', 'light_lx', 'lid_open', 'pressure_pa',
  'humidity_pct', 'battery_pct',
]);

const INSTANT =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$/;
const NEWLINE = 10;

/** The lines of a file of readings, each read strictly. */
export function parseReadings(data: Bytes): ReadingLine[] {
  const lines: ReadingLine[] = [];
  let at = 0;
  while (at < data.length) {
    const end = data.indexOf(NEWLINE, at);
    if (end < 0) refuse('The last line of sealed readings does not end.');
    lines.push(parseLine(data.slice(at, end)));
    at = end + 1;
  }
  return lines;
}

function parseLine(bytes: Bytes): ReadingLine {
  const fields = decode(bytes);
  if (!isObject(fields)) return refuse('A line of sealed readings is not an object.');
  const { logger, measured_at: measuredAt, seq, ...channels } = fields;
  if (seq !== undefined) form.whole(seq, 0);
  for (const [name, value] of Object.entries(channels)) {
    const shortest = typeof value === 'string' && String(Number(value)) === value;
    if (!CHANNELS.has(name) || !shortest || !Number.isFinite(Number(value))) {
      refuse(`${name} is no channel, or not the shortest writing of a number.`);
    }
  }
  const instant = form.text(measuredAt);
  if (!INSTANT.test(instant)) refuse('An instant has six decimals here.');
  return { bytes, measuredAt: form.realDay(instant), logger: bytesOf(form.text(logger)) };
}

/** What is wrong with the lines of a seal, in a sentence; null when they are its readings. */
export function brokenSeal(sealed: Sealed, lines: readonly ReadingLine[]): string | null {
  const from = sealed.from === null ? null : micros(sealed.from);
  const until = micros(sealed.until);
  for (const [at, line] of lines.entries()) {
    const before = lines[at - 1];
    if (before && !isAscending(before, line)) return `Reading ${at + 1} does not stand in its order.`;
    if ((from !== null && line.measuredAt < from) || line.measuredAt >= until) {
      return `Reading ${at + 1} lies outside of leg ${sealed.leg}.`;
    }
  }
  if (lines.length !== sealed.count) {
    return `The seal is over ${sealed.count} readings; here are ${lines.length}.`;
  }
  const root = hex(rootOf(lines.map(({ bytes }) => leafHash(bytes))));
  return root === sealed.root ? null : 'At least one reading differs from what was sealed.';
}

const micros = (instant: string): string => instant.replace('Z', '000Z');

function isAscending(a: ReadingLine, b: ReadingLine): boolean {
  if (a.measuredAt !== b.measuredAt) return a.measuredAt < b.measuredAt;
  const [x, y] = [a.logger, b.logger];
  if (isSame(x, y)) return false;
  const at = x.findIndex((byte, index) => byte !== y[index]);
  return at < 0 || (x[at] as number) < (y[at] ?? -1);
}
