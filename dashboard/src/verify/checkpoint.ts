import { refuse, textOf, unbase64, type Bytes } from './bytes.ts';
import { parseNote, type Note } from './note.ts';

/** What a log of a given size looks like (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
  note: Note;
}

/** The checkpoint of a signed note, its signatures not yet checked. */
export function parseCheckpoint(data: Uint8Array): Checkpoint {
  const note = parseNote(data);
  const lines = textOf(note.text).split('\n').slice(0, -1);
  const [origin = '', size = '', root = ''] = lines;
  if (lines.length < 3 || lines.includes('')) {
    refuse('A checkpoint is origin, size, root and extensions, each a line and none empty.');
  }
  return { origin, size: parseDecimal(size), root: parseHash(root), note };
}

/** A size or index in its one decimal writing. */
export function parseDecimal(text: string): number {
  const number = Number(text);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(number)) {
    refuse('A size or index is not written as a decimal number.');
  }
  return number;
}

/** A hash of 32 bytes from base64. */
export function parseHash(text: string): Bytes {
  const raw = unbase64(text);
  return raw.length === 32 ? raw : refuse('A hash has 32 bytes.');
}
