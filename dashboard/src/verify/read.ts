import { checkNumbers, parseAbout, type About } from './about.ts';
import { isSame, Malformed, refuse, textOf, type Bytes } from './bytes.ts';
import { parseCheckpoint, parseHash, type Checkpoint } from './checkpoint.ts';
import { parseEntry, type Entry } from './entry.ts';
import { isHandRight, namedKeys } from './hand.ts';
import type { KeyStatement } from './keyStatement.ts';
import { byNumber, type Form } from './members.ts';
import type { VerifierKey } from './note.ts';
import { parsePolicy, type Policy } from './policy.ts';
import { parseReadings, type ReadingLine } from './readings.ts';
import type { Statement } from './statement.ts';
import { parseProof, type TlogProof } from './tlogProof.ts';
import type { Members } from './zip.ts';

/** Step 2: what the members say, read strictly and in the order of docs/bundle.md. */

/** A member is not strictly of its form; `index` is that of the entry it belongs to. */
export class Unreadable extends Error {
  readonly index: number | null;

  constructor(index: number | null, sentence: string) {
    super(sentence);
    this.index = index;
  }
}

export interface EarlierCheckpoint {
  checkpoint: Checkpoint;
  /** Consistency proof to the next larger checkpoint. */
  proof: readonly Bytes[];
}

/** Everything in the file, by its meaning; not yet believed. */
export interface Opened {
  about: About;
  checkpoint: Checkpoint;
  policy: Policy;
  logKey: VerifierKey;
  keys: readonly Entry<KeyStatement>[];
  /** The entries shown, by index; none in the receipt of a key entry. */
  statements: readonly Entry<Statement>[];
  proofs: ReadonlyMap<number, TlogProof>;
  earlier: readonly EarlierCheckpoint[];
  readings: ReadonlyMap<number, readonly ReadingLine[]>;
  timestamps: readonly number[];
}

type Numbered = ReturnType<typeof byNumber>;

/** What the members of an undamaged file say. */
export function readMembers(members: Members, form: Form): Opened {
  const member = (name: string): Bytes => members.get(name) as Bytes;
  const about = reading('about.json', null, () => parseAbout(member('about.json'), form));
  const of = byNumber(members);
  reading('The file', null, () => checkNumbers(of, about));
  const bytes = member('checkpoint.txt');
  const checkpoint = reading('checkpoint.txt', null, () => checkpointOf(bytes, about.size));
  const policy = reading('policy.txt', null, () => parsePolicy(member('policy.txt')));
  const [logKey, ...others] = policy.logs;
  if (!logKey || others.length > 0) throw new Unreadable(null, 'policy.txt does not name one log.');
  const keys = entriesOf(of.keys, '', 'key', 'keys');
  const statements = statementsOf(of, about);
  const opened: Opened = {
    about,
    checkpoint,
    policy,
    logKey,
    keys,
    statements,
    proofs: proofsOf(of, bytes),
    earlier: earlierOf(of),
    readings: readingsOf(of, statements),
    timestamps: [...of.timestamps.keys()],
  };
  if (form === 'receipt') checkHand(members, opened);
  return opened;
}

/** Every entry of the file once, by index. */
export const shown = ({ keys, statements }: Opened): Entry[] =>
  [...keys, ...statements].sort((a, b) => a.index - b.index);

/** All checkpoints of the file, by size. */
export const checkpointsOf = ({ earlier, checkpoint }: Opened): Checkpoint[] => [
  ...earlier.map((each) => each.checkpoint),
  checkpoint,
];

function reading<T>(what: string, index: number | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Unreadable(index, `${what} cannot be read: ${error.message}`);
  }
}

function checkpointOf(bytes: Bytes, size: number): Checkpoint {
  const checkpoint = parseCheckpoint(bytes);
  return checkpoint.size === size ? checkpoint : refuse(`It is not of size ${size}.`);
}

const nameOf = (folder: string, number: number): string =>
  `${folder}/${String(number).padStart(10, '0')}`;

function entriesOf<T extends 'key' | 'statement'>(
  found: ReadonlyMap<number, Bytes>,
  order: string,
  type: T,
  folder: string,
): Entry<Extract<Entry['said'], { type: T }>>[] {
  return [...found].map(([index, bytes]) =>
    reading(nameOf(folder, index), index, () => {
      const entry = parseEntry(bytes);
      if (entry.said.type !== type || entry.index !== index || entry.order !== order) {
        refuse('It is another entry than its name says.');
      }
      return entry as Entry<Extract<Entry['said'], { type: T }>>;
    }),
  );
}

function statementsOf(of: Numbered, about: About): Entry<Statement>[] {
  if (about.order !== '') return entriesOf(of.entries, about.order, 'statement', 'entries');
  for (const [index, bytes] of of.entries) {
    if (!isSame(bytes, of.keys.get(index) as Bytes)) {
      throw new Unreadable(index, `${nameOf('entries', index)} is not the entry that stands in keys/.`);
    }
  }
  return [];
}

function proofsOf(of: Numbered, checkpoint: Bytes): Map<number, TlogProof> {
  return new Map(
    [...of.proofs].map(([index, bytes]) => [
      index,
      reading(nameOf('proofs', index), index, () => {
        const proof = parseProof(bytes);
        if (proof.index !== index || proof.hasExtra) refuse('It is the proof of another entry.');
        if (!isSame(proof.checkpoint, checkpoint)) refuse('It leads to another checkpoint.');
        return proof;
      }),
    ]),
  );
}

function earlierOf(of: Numbered): EarlierCheckpoint[] {
  return [...of.checkpoints].map(([size, bytes]) => ({
    checkpoint: reading(nameOf('checkpoints', size), null, () => checkpointOf(bytes, size)),
    proof: reading(nameOf('checkpoints', size), null, () =>
      hashesOf(of.consistency.get(size) as Bytes),
    ),
  }));
}

function hashesOf(bytes: Bytes): Bytes[] {
  const lines = textOf(bytes).split('\n');
  if (lines.pop() !== '') refuse('Its last line does not end.');
  return lines.map(parseHash);
}

function readingsOf(of: Numbered, statements: readonly Entry<Statement>[]): Opened['readings'] {
  const seals = new Set(
    statements.filter(({ said }) => said.kind === 'seal_readings').map(({ index }) => index),
  );
  return new Map(
    [...of.readings].map(([index, bytes]) => [
      index,
      reading(nameOf('readings', index), index, () =>
        seals.has(index) ? parseReadings(bytes) : refuse('The entry seals no readings.'),
      ),
    ]),
  );
}

function checkHand(members: Members, opened: Opened): void {
  const entry = shown(opened).find(({ index }) => index === opened.about.entries[0]) as Entry;
  const { keys, logKey, checkpoint } = opened;
  if (!isHandRight(members, entry, namedKeys(keys), logKey, checkpoint.note)) {
    throw new Unreadable(null, 'hand/ is not what follows from the other members.');
  }
}
