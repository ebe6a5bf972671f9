import { refuse, type Bytes } from './bytes.ts';
import { parseCheckpoint, parseDecimal, parseHash } from './checkpoint.ts';

/** An entry's inclusion proof with the checkpoint it leads to (C2SP tlog-proof), not yet checked. */
export interface TlogProof {
  index: number;
  hashes: readonly Bytes[];
  /** The signed note, byte for byte. */
  checkpoint: Bytes;
  hasExtra: boolean;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const NEWLINE = 10;

export function parseProof(data: Bytes): TlogProof {
  const blank = data.findIndex((byte, at) => byte === NEWLINE && data[at + 1] === NEWLINE);
  if (blank < 0 || data.length > 2 ** 21) refuse('A proof is lines, an empty line, a checkpoint.');
  const head = String.fromCharCode(...data.subarray(0, blank));
  const [first, ...lines] = head.split('\n');
  if (first !== FIRST_LINE) refuse(`A proof begins with the line ${FIRST_LINE}.`);
  const hasExtra = lines[0]?.startsWith('extra ') ?? false;
  if (hasExtra) lines.shift();
  const [index = '', ...hashes] = lines;
  if (!index.startsWith('index ') || hashes.length > 63) {
    refuse('A proof tells the index of its entry, and at most 63 hashes.');
  }
  const checkpoint = data.slice(blank + 2);
  parseCheckpoint(checkpoint);
  return {
    index: parseDecimal(index.slice('index '.length)),
    hashes: hashes.map(parseHash),
    checkpoint,
    hasExtra,
  };
}
