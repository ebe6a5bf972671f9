import { isSame, Malformed } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { checkConsistency } from './merkle.ts';
import { cosignedAt, isBy, isLogSignature, vkeyText, type Note, type VerifierKey } from './note.ts';
import { isMetBy, NO_QUORUM, type Policy } from './policy.ts';
import { checkpointsOf, type Opened } from './read.ts';
import { fault, note, type Finding, type Witnessed } from './result.ts';

/** Steps 6 and 7: who stands for this state of the log: the log itself, and its witnesses. */

/** Whether the log signed its checkpoints, and whether each continues the one before. */
export async function checkCheckpoint(opened: Opened, pinned: Policy | null): Promise<Finding[]> {
  const { logKey } = opened;
  const findings: Finding[] = [];
  for (const checkpoint of checkpointsOf(opened)) {
    if (!(await isSigned(checkpoint, logKey))) {
      findings.push(fault('checkpoint_signature_bad', null, `The checkpoint of size ${checkpoint.size} is not signed by the log.`));
    }
  }
  findings.push(...neighbours(opened));
  const trusted = pinned?.logs ?? [];
  if (trusted.length === 0) {
    findings.push(note('log_not_pinned', null, `You gave no key of the log, so the file's own is used: ${vkeyText(logKey)}. Compare it with one that you got elsewhere.`));
  } else if (!trusted.some((key) => isSameKey(key, logKey))) {
    findings.push(fault('other_log_key', null, `The log's key is ${vkeyText(logKey)}, which is not the one you gave.`));
  }
  return findings;
}

const isSameKey = (a: VerifierKey, b: VerifierKey): boolean =>
  a.name === b.name && a.type === b.type && isSame(a.public, b.public);

async function isSigned(checkpoint: Checkpoint, key: VerifierKey): Promise<boolean> {
  const [line, ...more] = checkpoint.note.signatures.filter((each) => isBy(each, key));
  if (!line || more.length > 0) return false;
  return isLogSignature(checkpoint.note, line, key);
}

function* neighbours(opened: Opened): Iterable<Finding> {
  const all = checkpointsOf(opened);
  for (const [at, { checkpoint: old, proof }] of opened.earlier.entries()) {
    const { size, root } = all[at + 1] as Checkpoint;
    try {
      checkConsistency({ oldSize: old.size, newSize: size, oldRoot: old.root, newRoot: root, proof });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      yield fault('checkpoint_inconsistent', null, error.message);
    }
  }
}

/** What is wrong with the cosignatures, and what the good ones amount to. */
export async function checkWitnesses(
  opened: Opened,
  pinned: Policy | null,
): Promise<{ findings: Finding[]; witnessed: Witnessed }> {
  const isPinned = pinned !== null && pinned.witnesses.size > 0;
  const policy = isPinned ? pinned : opened.policy;
  const known = [...opened.policy.witnesses.values(), ...policy.witnesses.values()];
  const findings: Finding[] = [];
  let good: Cosignature[] = [];
  for (const checkpoint of checkpointsOf(opened)) {
    const found = await cosignatures(checkpoint.note, opened.logKey, known);
    good = found.good; // in the end those of the last one, checkpoint.txt
    for (const name of found.bad) {
      findings.push(fault('cosignature_bad', null, `The cosignature of ${name} does not belong to the checkpoint of size ${checkpoint.size}, is there twice, or is of no witness.`));
    }
  }
  if (!isPinned) {
    findings.push(note('witnesses_not_pinned', null, 'You named no witnesses, so those that the log names are counted.'));
  }
  const witnessed = weigh(policy, good);
  if (witnessed.quorum_met === false) {
    const weight = isPinned ? fault : note;
    findings.push(weight('quorum_not_met', null, `${witnessed.count} witnesses have cosigned this checkpoint, which is fewer than the policy asks for.`));
  }
  return { findings, witnessed };
}

interface Cosignature {
  key: VerifierKey;
  at: number;
}

async function cosignatures(
  of: Note,
  logKey: VerifierKey,
  known: readonly VerifierKey[],
): Promise<{ good: Cosignature[]; bad: string[] }> {
  const good: Cosignature[] = [];
  const bad: string[] = [];
  for (const line of of.signatures) {
    if (isBy(line, logKey)) continue;
    const key = known.find((each) => isBy(line, each));
    const at = key ? await cosignedAt(of, line, key) : null;
    if (!key || at === null || good.some((each) => isSameKey(each.key, key))) bad.push(line.name);
    else good.push({ key, at });
  }
  return { good, bad };
}

function weigh(policy: Policy, good: readonly Cosignature[]): Witnessed {
  const times = new Map<string, number>();
  for (const [name, key] of policy.witnesses) {
    const found = good.find((each) => isSameKey(each.key, key));
    if (found) times.set(name, found.at);
  }
  const latest = Math.max(...times.values());
  return {
    count: times.size,
    quorum_met: policy.quorum === NO_QUORUM ? null : isMetBy(policy, new Set(times.keys())),
    at: times.size === 0 ? null : new Date(1000 * latest).toISOString().replace('.000Z', 'Z'),
  };
}
