import { isOf, type KeyLog } from './keyLog.ts';
import { badSigners } from './keySteps.ts';
import type { Opened } from './read.ts';
import { fault, note, type Finding } from './result.ts';
import { actorOf, type Statement } from './statement.ts';

/** Step 8: did the people who are named sign this, with keys that counted? */
export async function checkPeople(opened: Opened, keys: KeyLog): Promise<Finding[]> {
  const publicKeys = new Map([...keys].map(([id, record]) => [id, record.public]));
  const findings: Finding[] = [];
  for (const entry of opened.statements) {
    const { index, said } = entry;
    for (const sentence of invalidKeys(keys, said, index)) {
      findings.push(fault('key_not_valid', index, sentence));
    }
    for (const user of await badSigners(entry, publicKeys)) {
      findings.push(fault('signature_bad', index, `The signature of ${user} does not belong to what entry ${index} says.`));
    }
    for (const sentence of falseNames(keys, said)) {
      findings.push(fault('signer_differs', index, sentence));
    }
    for (const sentence of suspectKeys(keys, said)) {
      findings.push(note('key_suspect', index, sentence));
    }
  }
  return findings;
}

function* invalidKeys(keys: KeyLog, said: Statement, index: number): Iterable<string> {
  for (const { user, key } of said.signers) {
    const record = keys.get(key);
    if (!record) yield `The key of ${user} is not enrolled.`;
    else if (record.enrolledIndex >= index) {
      yield `The key of ${user} was enrolled later, at entry ${record.enrolledIndex}.`;
    } else if (record.revokedIndex !== null && record.revokedIndex <= index) {
      yield `The key of ${user} was revoked at entry ${record.revokedIndex}.`;
    }
  }
}

/** The first signer acts, for the own party only; a second one is of the same party. */
function* falseNames(keys: KeyLog, said: Statement): Iterable<string> {
  for (const signer of said.signers) {
    const record = keys.get(signer.key);
    if (record && !isOf(record, signer)) {
      yield `${signer.user} (${signer.name}) signs with the key of ${record.user}.`;
    }
  }
  const [acting, second] = said.signers;
  const actor = actorOf(said);
  if (acting && actor !== null && acting.party !== actor) {
    yield `${acting.user} signs for ${acting.party ?? 'no party'}, and cannot act for ${actor}.`;
  }
  if (acting && second && second.party !== acting.party) {
    yield `${second.user} signs for ${second.party ?? 'no party'}, and ${acting.user} for ${acting.party ?? 'no party'}: two who sign are of one party.`;
  }
}

function* suspectKeys(keys: KeyLog, said: Statement): Iterable<string> {
  for (const { user, key } of said.signers) {
    const since = keys.get(key)?.suspectSince ?? null;
    if (since !== null && said.claimedAt >= since) {
      yield `The key of ${user} was revoked later, and may have been in other hands when this was claimed: look at it again.`;
    }
  }
}
