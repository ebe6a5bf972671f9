import type { Opened } from './read.ts';
import type { Verification } from './result.ts';

/** What to say of a result: what each step means, what is proven, and what is not. */

/** "2026-11-01 06:00:00 UTC" of an instant as the ledger writes it. */
export const utc = (instant: string): string =>
  `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

export const faultsOf = (result: Verification): number =>
  result.steps.flatMap((step) => step.findings).filter((f) => f.severity === 'fault').length;

const has = (result: Verification, code: string): boolean =>
  result.steps.some((step) => step.findings.some((finding) => finding.code === code));

/**
 * The result in three words that differ. A file without faults is no proof yet while nobody has said
 * which log it should be of: anybody can make a log of their own, and sound files of it.
 */
export function standingOf(result: Verification): 'proven' | 'unpinned' | 'faulty' {
  if (!result.ok) return 'faulty';
  return has(result, 'log_not_pinned') ? 'unpinned' : 'proven';
}

export const STANDING = {
  proven: { shape: 'well', word: 'Proven' },
  unpinned: { shape: 'unknown', word: 'No fault found; the log is not compared' },
  faulty: { shape: 'critical', word: 'Not proven' },
} as const;

/** What a step without findings has shown. */
export function soundSentence(number: number, result: Verification, opened: Opened): string {
  const one = result.form === 'receipt';
  const seals = opened.statements.some(({ said }) => said.sealed !== null);
  const { count: n } = result.witnessed;
  switch (number) {
    case 1:
      return 'Every byte is as it was handed over.';
    case 2:
      return 'Every part says what it says in the one form there is.';
    case 3:
      return 'The keys of all people were let in and out as the rules of keys demand.';
    case 4:
      return one
        ? 'The entry is of this log and this order.'
        : 'Every entry follows the one in front of it, for this log and this order.';
    case 5:
      return one ? 'The entry stands in the log.' : 'Every entry shown stands in the log.';
    case 6:
      return 'The log whose key you gave has signed this state of itself.';
    case 7:
      return n > 0
        ? `${count(n, 'witness that you named has', 'witnesses that you named have')} seen this state of the log.`
        : 'Your policy asks for no witness, and none is shown.';
    case 8:
      return opened.statements.length > 0
        ? 'Everybody who is named has signed, with a key that counted then.'
        : 'No statement about custody is in this file.';
    case 9:
      return one
        ? 'Not judged: a receipt shows one entry, and not those in front of it.'
        : 'Every statement could follow the one in front of it.';
    case 10:
      return seals ? 'The readings shown are those that were sealed.' : 'No entry shown seals readings.';
    default:
      return 'The file has no timestamps.';
  }
}

/** What the file is, in a few words. */
export function titleOf(result: Verification): string {
  if (result.form === null) return 'This file cannot be read as a receipt or a bundle';
  if (result.form === 'bundle') return `Bundle of order ${result.order}`;
  return result.order === '' ? 'Receipt of an entry about keys' : `Receipt for order ${result.order}`;
}

/** The conclusion in plain sentences. */
export function conclusionOf(result: Verification): string {
  if (!result.ok) {
    const faults = count(faultsOf(result), 'fault', 'faults');
    return `${faults} found. This file does not prove what it claims: do not rely on it.`;
  }
  const stand = count(result.entries, 'entry stands', 'entries stand');
  const said = `${stand} in the log ${result.log}, unchanged and signed by the people named.`;
  const lost = result.form === 'receipt' && has(result, 'in_conflict');
  const so = lost ? `${said} It contradicts what others recorded meanwhile, and changed nothing.` : said;
  if (standingOf(result) === 'proven') return so;
  return `${so} Whether this is the log you mean is not proven: give its key above, or compare it in step 6.`;
}

/** What a file without faults proves. */
export function provenBy(result: Verification): string[] {
  if (!result.ok || result.form === null) return [];
  const said = ['Who said what, when the log recorded it, and that they signed it with their own keys.'];
  if (result.form === 'bundle') {
    said.push('That no entry is missing between the first and the last one shown.');
    said.push('That each statement could follow the one in front of it, or is marked as in conflict.');
  }
  if (result.witnessed.at !== null) {
    const seen = count(result.witnessed.count, 'witness', 'witnesses');
    said.push(`That ${seen} saw this state of the log, the last on ${utc(result.witnessed.at)}.`);
  }
  return said;
}

/** What this file does not prove, however sound it is. */
export function notProvenBy(result: Verification): string[] {
  if (result.form === null) return [];
  const open: string[] = [];
  if (has(result, 'log_not_pinned')) {
    open.push('That this is the log you mean: anybody can make a log. Compare the key in step 6 with one that you got elsewhere.');
  }
  if (has(result, 'witnesses_not_pinned') || result.witnessed.quorum_met !== true) {
    open.push('That the log shows everybody the same: that takes witnesses whom you name and trust.');
  }
  open.push('That nothing follows: whoever handed over the file may have left out the newest entries.');
  open.push('That no key was revoked later.');
  if (result.form === 'receipt' && !has(result, 'in_conflict')) {
    open.push('That the statement did not contradict the record: a receipt shows one entry only.');
  }
  if (has(result, 'readings_not_shown')) {
    open.push('What was measured in the legs whose readings are not in the file.');
  }
  if (has(result, 'timestamp_not_checked')) open.push('Who signed the timestamps.');
  open.push('That what was said is true.');
  return open;
}
