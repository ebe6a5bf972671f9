import { refuse, unhex, type Bytes } from './bytes.ts';
import type { Json } from './canonical.ts';

/** The texts and numbers that signed bytes are made of: never normalised, refused when unclear. */

export const NO_ENTRY = '0'.repeat(64);

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : refuse('A text is expected here.');
}

function matching(value: Json | undefined, pattern: RegExp, noun: string): string {
  const found = text(value);
  return pattern.test(found) ? found : refuse(`${noun} is expected here.`);
}

/** 1 to 90 printable ASCII characters, no blank at either end. */
export const identifier = (value: Json | undefined): string =>
  matching(value, /^[!-~](?:[ -~]{0,88}[!-~])?$/, 'An identifier');

/** A SHA-256 as 64 lower-case hexadecimal digits. */
export const hashHex = (value: Json | undefined): string =>
  matching(value, /^[0-9a-f]{64}$/, 'A hash of 64 hexadecimal digits');

export const hashBytes = (value: Json | undefined): Bytes => unhex(hashHex(value));

export const statementId = (value: Json | undefined): string =>
  matching(value, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'An id');

export const gln = (value: Json | undefined): string =>
  matching(value, /^[0-9]{13}$/, 'A location number of 13 digits');

/** What a person wrote, 1 to 2000 characters; line feed and tab are the only control characters. */
export function words(value: Json | undefined): string {
  const found = matching(value, /^[^\x00-\x08\x0b-\x1f\x7f]+$/u, 'A text for people');
  return [...found].length <= 2000 ? found : refuse('A text has more than 2000 characters.');
}

/** What cannot be seen in a name, or turns how it reads: controls, soft hyphen, zero width, marks. */
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;

/** The printed name of a person: a text in which every character can be seen. */
export function printedName(value: Json | undefined): string {
  const found = words(value);
  return UNSEEN.test(found) ? refuse('A name has characters that cannot be seen.') : found;
}

const CLOCK = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]';
const UTC_MILLIS = new RegExp(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T${CLOCK}\\.[0-9]{3}Z$`);

/** RFC 3339, UTC, exactly three decimals. Such texts sort as their instants do. */
export const utcMillis = (value: Json | undefined): string =>
  realDay(matching(value, UTC_MILLIS, 'An instant with milliseconds'));

/** Refuse the 30th of February and the year 0. */
export function realDay(instant: string): string {
  const [year = 0, month = 0, day = 0] = instant.slice(0, 10).split('-').map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  if (year === 0 || days === undefined || day < 1 || day > days) refuse(`${instant} is no day.`);
  return instant;
}

export function whole(value: Json | undefined, least: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    return refuse(`A whole number from ${least} is expected here.`);
  }
  return value;
}

export function oneOf<T extends string>(value: Json | undefined, allowed: readonly T[]): T {
  return allowed.includes(value as T) ? (value as T) : refuse(`One of ${allowed.join(', ')}.`);
}

export function optional<T>(
  value: Json | undefined,
  read: (value: Json | undefined) => T,
): T | null {
  return value === null ? null : read(value);
}

export function list<T>(
  value: Json | undefined,
  read: (value: Json | undefined) => T,
  { least = 0, most }: { least?: number; most: number },
): T[] {
  if (!Array.isArray(value) || value.length < least || value.length > most) {
    return refuse(`A list of ${least} to ${most} is expected here.`);
  }
  return value.map(read);
}

export function distinct<T>(values: readonly T[]): readonly T[] {
  return new Set(values).size === values.length ? values : refuse('The same stands here twice.');
}

export const identifiers = (value: Json | undefined): readonly string[] =>
  distinct(list(value, identifier, { most: 200 }));
