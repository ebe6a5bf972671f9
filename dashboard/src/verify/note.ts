import { base64, bytesOf, concat, hex, refuse, textOf, unbase64, type Bytes } from './bytes.ts';
import { verify } from './ed25519.ts';
import { sha256 } from './hash.ts';

/** Signed notes: text with the signatures of named keys (C2SP signed-note v1). */

export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;
const LAST_SECOND = 253402300799n; // 9999-12-31T23:59:59Z

export interface NoteSignature {
  name: string;
  /** First 4 bytes of a hash over name, type and public key, hexadecimal: an address, no proof. */
  keyId: string;
  signature: Bytes;
}

export interface Note {
  /** What is signed, ends with a newline. */
  text: Bytes;
  signatures: readonly NoteSignature[];
}

export interface VerifierKey {
  name: string;
  type: typeof ED25519 | typeof COSIGNATURE_V1;
  public: Bytes;
  keyId: string;
}

// The code points with the property White_Space, written out: languages differ in their `\s`.
const NAME =
  /^[^+\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]+$/u;

const isKeyName = (name: string): boolean => NAME.test(name);

/** The note of these bytes, its signatures not yet checked. */
export function parseNote(data: Uint8Array): Note {
  if (data.length > 2 ** 20) refuse('A note is longer than 1 MiB.');
  const whole = textOf(data);
  if (/[\x00-\x09\x0b-\x1f]/.test(whole)) refuse('A note holds a control character.');
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0 || !whole.endsWith('\n')) {
    refuse('A note is a text, an empty line, and lines of signatures.');
  }
  const lines = whole.slice(blank + 2).split('\n').slice(0, -1);
  if (lines.length === 0 || lines.length > 100) refuse('A note has 1 to 100 signatures.');
  return { text: bytesOf(whole.slice(0, blank + 1)), signatures: lines.map(parseLine) };
}

function parseLine(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...more] = line.split(' ');
  if (dash !== '—' || !isKeyName(name) || more.length > 0) {
    refuse("A signature line is an em dash, the key's name, and base64.");
  }
  const raw = unbase64(encoded);
  if (raw.length <= 4) refuse(`The signature of ${name} is too short.`);
  return { name, keyId: hex(raw.subarray(0, 4)), signature: raw.slice(4) };
}

/** The key of `name+key id+base64`. */
export function parseVkey(text: string): VerifierKey {
  const [name = '', id = '', ...rest] = text.split('+');
  if (rest.length === 0 || !isKeyName(name) || !/^[0-9a-f]{8}$/.test(id)) {
    refuse('A verifier key is a name, 8 hexadecimal digits and base64, joined by +.');
  }
  const raw = unbase64(rest.join('+'));
  const type = raw[0];
  if (raw.length !== 33 || (type !== ED25519 && type !== COSIGNATURE_V1)) {
    return refuse(`The verifier key ${name} is not an Ed25519 key of type 0x01 or 0x04.`);
  }
  const key = verifierKey(name, type, raw.slice(1));
  return key.keyId === id ? key : refuse(`The verifier key ${name} has another key id than ${id}.`);
}

export function verifierKey(name: string, type: VerifierKey['type'], key: Bytes): VerifierKey {
  const told = concat(bytesOf(`${name}\n`), new Uint8Array([type]), key);
  return { name, type, public: key, keyId: hex(sha256(told).subarray(0, 4)) };
}

export const vkeyText = (key: VerifierKey): string =>
  `${key.name}+${key.keyId}+${base64(concat(new Uint8Array([key.type]), key.public))}`;

/** Whether a line claims to be of this key; what it holds is another question. */
export const isBy = (line: NoteSignature, key: VerifierKey): boolean =>
  line.name === key.name && line.keyId === key.keyId;

/** Whether the log's key (type 0x01) made this line over the note's text. */
export const isLogSignature = (note: Note, line: NoteSignature, key: VerifierKey): Promise<boolean> =>
  verify(key.public, line.signature, note.text);

/** When a witness (type 0x04) says it has seen the note, seconds since 1970; null: bad signature. */
export async function cosignedAt(
  note: Note,
  line: NoteSignature,
  key: VerifierKey,
): Promise<number | null> {
  const { signature } = line;
  if (signature.length !== 8 + 64) return null;
  const seconds = BigInt(`0x${hex(signature.subarray(0, 8))}`);
  if (seconds > LAST_SECOND) return null;
  const message = concat(bytesOf(`cosignature/v1\ntime ${seconds}\n`), note.text);
  return (await verify(key.public, signature.slice(8), message)) ? Number(seconds) : null;
}
