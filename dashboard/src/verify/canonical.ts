import canonicalize from 'canonicalize';

import { bytesOf, isSame, refuse, textOf, type Bytes } from './bytes.ts';

/** JSON without floats and without true and false; keys of ASCII. */
export type Json = string | number | null | Json[] | { [key: string]: Json };

export type JsonObject = { [key: string]: Json };

/** The canonical bytes of a value (RFC 8785). */
export function encode(value: Json): Bytes {
  refuseUnknown(value);
  return bytesOf(canonicalize(value) as string);
}

/** The value whose canonical bytes these are; anything else is refused, a duplicate key too. */
export function decode(bytes: Uint8Array): Json {
  const text = textOf(bytes);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return refuse('These bytes are not JSON.');
  }
  // Writing it again finds whatever else is amiss: a duplicate key, for one, is gone by now.
  if (!isSame(encode(value), bytes)) refuse('These bytes are JSON, but not in canonical form.');
  return value;
}

/** The object whose canonical bytes these are, with exactly these fields. */
export function decodeObject(bytes: Uint8Array, fields: readonly string[]): JsonObject {
  return objectWith(decode(bytes), fields);
}

/** The value as an object with exactly these fields. */
export function objectWith(value: Json | undefined, fields: readonly string[]): JsonObject {
  if (!isObject(value)) return refuse('An object is expected here.');
  const names = Object.keys(value);
  if (names.length !== fields.length || !fields.every((name) => Object.hasOwn(value, name))) {
    refuse(`An object with exactly ${fields.join(', ')} is expected here.`);
  }
  return value;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuseUnknown(value: unknown, depth = 0): void {
  if (depth > 100) refuse('This JSON is nested deeper than anything here.');
  if (value === null) return;
  if (typeof value === 'string') {
    if (/[\ud800-\udfff]/u.test(value)) refuse('A text holds half a character.');
  } else if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) refuse('Only integers within ±(2⁵³ - 1) are allowed.');
  } else if (Array.isArray(value)) {
    for (const each of value) refuseUnknown(each, depth + 1);
  } else if (typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) {
      if (!/^[\0-\x7f]*$/.test(key)) refuse('A key is not ASCII text.');
      refuseUnknown(each, depth + 1);
    }
  } else {
    refuse('Only text, integers, null, lists and objects are allowed.');
  }
}
