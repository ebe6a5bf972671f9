/** Bytes and their writings. Every reader takes exactly one writing of a value and no other. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** Something is not of its form; whatever is wrong, verifying treats it the same way. */
export class Malformed extends Error {}

/** Refuse, with a sentence. */
export function refuse(sentence: string): never {
  throw new Malformed(sentence);
}

const utf8Writer = new TextEncoder();
const utf8Reader = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const bytesOf = (text: string): Bytes => utf8Writer.encode(text);

/** The text of UTF-8 bytes; a byte order mark stays in it. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8Reader.decode(bytes);
  } catch {
    return refuse('These bytes are not UTF-8.');
  }
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** Like `<` on names in Python: by bytes, which for ASCII are the characters. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** The bytes of lower-case hexadecimal digits. */
export function unhex(text: string): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) refuse(`${text} is not lower-case hexadecimal.`);
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes of standard, padded base64 whose unused bits are zero. */
export function unbase64(text: string): Bytes {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) refuse('This is not base64.');
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (base64(bytes) !== text) refuse('This is base64, but not as it is written here.');
  return bytes;
}
