import { hex, Malformed, type Bytes } from './bytes.ts';
import { checkChain, checkIncluded } from './chainSteps.ts';
import { checkCheckpoint, checkWitnesses } from './checkpointSteps.ts';
import { checkKeys } from './keySteps.ts';
import { openFile, type Readmes } from './members.ts';
import { checkPeople } from './peopleSteps.ts';
import type { Policy } from './policy.ts';
import { readMembers, Unreadable, type Opened } from './read.ts';
import { fault, hasFault, note, NOT_WITNESSED, stepOf, type Finding, type Step, type Verification } from './result.ts';
import { checkReadings, checkRules } from './ruleSteps.ts';

/**
 * Checking a receipt or a bundle: bytes in, findings out. No server, no network, no clock. The
 * eleven steps are those of docs/bundle.md, as in custody/verify.py; a test holds the two together.
 */
export interface Verified {
  verification: Verification;
  /** What the file holds; null when it could not be read. */
  opened: Opened | null;
}

export interface Given {
  /** The fixed README texts. */
  readmes: Readmes;
  /** Whom the reader trusts; null: the file's own claims are used, and the result says so. */
  policy: Policy | null;
}

/** What a receipt or a bundle proves, and what is wrong with it. */
export async function verifyFile(data: Bytes, { readmes, policy }: Given): Promise<Verified> {
  let file;
  try {
    file = openFile(data, readmes);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return ended(stepOf(1, [fault('file_damaged', null, error.message)]));
  }
  let opened;
  try {
    opened = readMembers(file.members, file.form);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return ended(stepOf(1, []), stepOf(2, [fault('unreadable', error.index, error.message)]));
  }
  return { verification: await checkOpened(opened, policy), opened };
}

function ended(...steps: Step[]): Verified {
  const nothing = { form: null, log: null, order: null, size: null, root: null, entries: 0 };
  const verification = { ok: false, ...nothing, witnessed: NOT_WITNESSED, steps };
  return { verification, opened: null };
}

/** What a file proves that was read without a fault: steps 3 to 11. */
async function checkOpened(opened: Opened, policy: Policy | null): Promise<Verification> {
  const { about, checkpoint } = opened;
  const keys = await checkKeys(opened);
  const witnesses = await checkWitnesses(opened, policy);
  const found: Iterable<Finding>[] = [
    [],
    [],
    keys.findings,
    checkChain(opened),
    checkIncluded(opened),
    await checkCheckpoint(opened, policy),
    witnesses.findings,
    await checkPeople(opened, keys.keys),
    checkRules(opened),
    checkReadings(opened),
    timestamps(opened),
  ];
  const steps = found.map((findings, at) => stepOf(at + 1, findings));
  return {
    ok: !steps.some(hasFault),
    form: about.form,
    log: about.log,
    order: about.order,
    size: about.size,
    root: hex(checkpoint.root),
    entries: about.entries.length,
    witnessed: witnesses.witnessed,
    steps,
  };
}

/** Step 11: browsers cannot read timestamps; that they are there is all that is said. */
function timestamps(opened: Opened): Finding[] {
  if (opened.timestamps.length === 0) return [];
  return [note('timestamp_not_checked', null, 'The timestamps in the file are not checked here: a browser cannot. The program unbroken verify reads them.')];
}
