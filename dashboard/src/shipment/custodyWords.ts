import type { AskedSteps, DeviceClock, Entry, EntrySigner, LedgerHead } from '../api/types';
import { formatDuration, formatRough } from '../format/duration';
import { formatCount, NBSP } from '../format/number';
import { formatClock, formatInstant, parseInstant } from '../format/time';
import { plainWord, type Shape } from '../marks/words';
import { lanesOf } from './periods';

/** Beyond this, when something was signed and when it was recorded are told apart. */
const APART_S = 120;
const KEY_DIGITS = 16;
/** Entries that wait longer than this for the witnesses need a look. */
const UNWITNESSED_S = 600;

const ROLE_WORDS: Record<EntrySigner['role'], string> = {
  signer: 'Signed',
  confirmer: 'Confirmed',
  verifier: 'verified',
};

/** The beginning of a key's id or of a hash: enough to compare by eye. */
export const shortHex = (hex: string): string => hex.slice(0, KEY_DIGITS);

/** Sentences on what is missing from a record of custody; an unbroken one has none. */
export function missingWords(entries: readonly Entry[]): string[] {
  const { held } = lanesOf(entries);
  const leaps = held.flatMap(({ party, entry }, at) => {
    const holder = held[at - 1]?.name;
    const giver = entry.from_name ?? entry.from;
    return party === null && holder
      ? [`${giver} handed over what ${holder} held; how it got there is not recorded.`]
      : [];
  });
  const conflicts = entries.filter(({ conflict }) => conflict).length;
  if (conflicts === 0) return leaps;
  const verb = conflicts === 1 ? 'contradicts' : 'contradict';
  const many = formatCount(conflicts, 'entry', 'entries');
  return [...leaps, `${many} ${verb} what was on record, and changed nothing.`];
}

/** "Sam Ferreira (Polar Line)" */
export const personWords = ({ name, party_name, party }: EntrySigner): string =>
  (party_name ?? party) ? `${name} (${party_name ?? party})` : name;

/** "Confirmed by Sam Ferreira (Polar Line), verified by Kit Bauer (Lakeside)" */
export function signedWords(signers: readonly EntrySigner[]): string {
  if (signers.length === 0) return 'Signed by nobody';
  return signers.map((one) => `${ROLE_WORDS[one.role]} by ${personWords(one)}`).join(', ');
}

/** "Signed 07:12, recorded 08:40: 1 h 28 min later", or nothing where the two are one moment. */
export function recordedWords(entry: Entry, nowMs: number): string | null {
  const claimed = parseInstant(entry.claimed_at);
  const recorded = parseInstant(entry.recorded_at);
  if (claimed === null || recorded === null) return null;
  const apartS = (recorded - claimed) / 1000;
  if (Math.abs(apartS) <= APART_S) return null;
  const both = `Signed ${formatClock(claimed, nowMs)}, recorded ${formatClock(recorded, nowMs)}`;
  return apartS > 0
    ? `${both}: ${formatRough(apartS)} later.`
    : `${both}: the signed time is ${formatRough(-apartS)} after the record.`;
}

const milliseconds = (ms: number): string =>
  ms < 1000 ? `${ms}${NBSP}ms` : formatDuration(ms / 1000);

/** What the device knew of its clock: "90 ms ahead of the server's, ± 65 ms, compared 02:54 UTC". */
export function clockWords(clock: DeviceClock, nowMs: number): string {
  const off = milliseconds(Math.abs(clock.offset_ms));
  const side = clock.offset_ms === 0 ? 'equal to' : `${off} ${clock.offset_ms > 0 ? 'behind' : 'ahead of'}`;
  const compared = formatInstant(parseInstant(clock.synced_at), nowMs);
  return `${side} the server’s, ±${NBSP}${milliseconds(clock.error_ms)}, compared ${compared}`;
}

export interface Answer {
  question: string;
  answer: string;
}

const RANK: Record<string, number> = { no: 0, na: 2, yes: 3 };
const ANSWER_WORDS: Record<string, string> = { no: 'No', na: 'Does not apply', yes: 'Yes' };

/** The checklist's answers, every "no" first, in the words of its questions where known. */
export function answersOf(entry: Entry, questions: AskedSteps | null): Answer[] {
  // The same key may be asked at several steps: the words of this kind of step come last, and count.
  const asked = new Map(
    (questions?.steps ?? [])
      .toSorted((a, b) => Number(a.kind === entry.kind) - Number(b.kind === entry.kind))
      .flatMap(({ checklist }) => checklist.map(({ key, question }) => [key, question] as const)),
  );
  return Object.entries(entry.conditions ?? {})
    .toSorted(([, a], [, b]) => (RANK[a] ?? 1) - (RANK[b] ?? 1))
    .map(([key, answer]) => ({
      question: asked.get(key) ?? plainWord(key),
      answer: ANSWER_WORDS[answer] ?? answer,
    }));
}

/** Whether an entry is only recorded, or also witnessed: the head may be fresher than the entry. */
export const isWitnessed = (entry: Entry, ledger: LedgerHead | null): boolean =>
  entry.witnessed || entry.index < (ledger?.witnessed?.size ?? 0);

export interface HeadWords {
  words: string;
  shape: Shape | null;
  more: string | null;
}

/** How far the log is signed and witnessed: "Witnessed to size 169, 40 s ago, 2 of 3". */
export function headWords(ledger: LedgerHead, ageS: number | null): HeadWords {
  const { checkpoint, witnessed, size } = ledger;
  if (checkpoint === null) return { words: 'Not signed yet', shape: 'unknown', more: null };
  const at = (count: number): string => count.toLocaleString('en-US');
  if (witnessed === null) {
    return { words: `Signed to size ${at(checkpoint.size)}, no witnesses`, shape: null, more: null };
  }
  if (witnessed.size === 0) {
    return {
      words: `Signed to size ${at(checkpoint.size)}, not witnessed yet`,
      shape: 'unknown',
      more: `${witnessed.k} of ${witnessed.n} witnesses are asked for.`,
    };
  }
  const age = ageS === null ? '' : `, ${formatRough(ageS)} ago`;
  const words = `Witnessed to size ${at(witnessed.size)}${age}, ${witnessed.k} of ${witnessed.n}`;
  const waiting = size - witnessed.size;
  if (waiting <= 0) return { words, shape: 'well', more: null };
  return {
    words,
    shape: ageS !== null && ageS > UNWITNESSED_S ? 'warning' : null,
    more: `${formatCount(waiting, 'entry', 'entries')} of the log recorded, not witnessed yet.`,
  };
}
