import { refuse } from './bytes.ts';
import { decodeObject } from './canonical.ts';
import * as form from './form.ts';
import type { byNumber, Form } from './members.ts';

/** Step 2, first half: `about.json`, and whether the numbered members are those that it names. */

export interface About {
  form: Form;
  log: string;
  /** "" for the receipt of an entry about keys. */
  order: string;
  entries: readonly number[];
  size: number;
}

const LARGEST_SIZE = 9_999_999_999;
const FIELDS = ['v', 'form', 'log', 'order', 'entries', 'size'] as const;

export function parseAbout(bytes: Uint8Array, expected: Form): About {
  const fields = decodeObject(bytes, FIELDS);
  if (fields['v'] !== 1 || fields['form'] !== expected) refuse(`It is not that of a ${expected}.`);
  const log = form.text(fields['log']);
  if (!/^[!-*,-~]{1,200}$/.test(log)) refuse('Its log is not the origin of a log.');
  const order = fields['order'] === '' ? '' : form.identifier(fields['order']);
  const entries = form.list(fields['entries'], (each) => form.whole(each, 0), {
    least: 1,
    most: Infinity,
  });
  const size = form.whole(fields['size'], 1);
  const last = entries.at(-1) as number;
  const ascending = entries.every((each, at) => at === 0 || (entries[at - 1] as number) < each);
  if (!ascending || last >= size || size > LARGEST_SIZE) {
    refuse('Its entries do not ascend from 0 up to the size of the checkpoint.');
  }
  if (expected === 'bundle' && order === '') refuse('A bundle is of an order.');
  return { form: expected, log, order, entries, size };
}

/** Refuse unless each numbered member has those it needs, and none is left over. */
export function checkNumbers(of: ReturnType<typeof byNumber>, about: About): void {
  const entries = new Set(about.entries);
  const keys = new Set(of.keys.keys());
  const lastKey = Math.max(-1, ...keys);
  const proven = new Set([...entries, ...keys].filter((n) => entries.has(n) || n === lastKey));
  const checkpoints = new Set(of.checkpoints.keys());
  const both = about.order === '' ? entries : new Set<number>();
  const sizes = new Set(checkpoints).add(about.size);
  const holds: [boolean, string][] = [
    [isSameNumbers(of.entries.keys(), entries), 'entries/ has other entries than about.json.'],
    [lastKey < about.size, 'keys/ has an entry beyond the checkpoint.'],
    [isSameNumbers(of.proofs.keys(), proven), 'proofs/ has not one proof for each entry.'],
    [isSameNumbers(of.consistency.keys(), checkpoints), 'checkpoints/ has one of a pair alone.'],
    [[...checkpoints].every((size) => size > 0 && size < about.size), 'checkpoints/ has a later one.'],
    [[...of.readings.keys()].every((n) => entries.has(n)), 'readings/ has those of no entry here.'],
    [[...of.timestamps.keys()].every((n) => sizes.has(n)), 'timestamps/ has one of no checkpoint.'],
    [isSameNumbers([...keys].filter((n) => entries.has(n)), both), 'keys/ and entries/ share one.'],
  ];
  for (const [itHolds, sentence] of holds) if (!itHolds) refuse(sentence);
}

function isSameNumbers(found: Iterable<number>, expected: ReadonlySet<number>): boolean {
  const numbers = [...found];
  return numbers.length === expected.size && numbers.every((each) => expected.has(each));
}
