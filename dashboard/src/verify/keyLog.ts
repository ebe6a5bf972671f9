import type { Key, KeyStatement } from './keyStatement.ts';
import { conflict } from './requirements.ts';
import type { Signer } from './statement.ts';

/** Which keys count: the rules of enrolling, rotating and revoking (custody/key_log.py). */

export interface KeyRecord extends Key {
  enrolledIndex: number;
  revokedIndex: number | null;
  suspectSince: string | null;
}

export type KeyLog = ReadonlyMap<string, KeyRecord>;

const APPROVERS = 2;

/** How many people these users are: two names that differ in capitals only are one person's. */
const peopleIn = (users: readonly string[]): number => new Set(users.map(personOf)).size;
const personOf = (user: string): string =>
  user.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export const countsAt = (record: KeyRecord, index: number): boolean =>
  record.enrolledIndex < index && (record.revokedIndex === null || index < record.revokedIndex);

export const isOf = (record: Key, { user, name, party }: Signer): boolean =>
  record.user === user && record.name === name && record.party === party;

/** The keys after a statement about keys; `founded` says that another one stands before it. */
export function applyKeys(
  log: KeyLog,
  statement: KeyStatement,
  index: number,
  founded: boolean,
): KeyLog {
  if ((statement.kind === 'found_keys') === founded) {
    conflict('The first statement about keys founds them, and no other.');
  }
  for (const key of statement.keys) {
    if (log.has(key.id)) conflict(`The key ${key.id.slice(0, 16)}… was enrolled before.`);
  }
  checkHolders(statement);
  checkApprovers(log, statement, index);
  const keys = new Map(log);
  for (const key of statement.keys) {
    keys.set(key.id, { ...key, enrolledIndex: index, revokedIndex: null, suspectSince: null });
  }
  for (const record of revoked(log, statement, index)) keys.set(record.id, record);
  const left = [...keys.values()].filter(({ approver, revokedIndex }) => approver && revokedIndex === null);
  if (peopleIn(left.map(({ user }) => user)) < APPROVERS) {
    conflict(`Fewer than ${APPROVERS} approvers would be left.`);
  }
  return keys;
}

/** Each new key signs itself: whoever enrols it has it. */
function checkHolders({ keys, signers }: KeyStatement): void {
  const holders = signers.filter(({ role }) => role === 'holder');
  if (holders.length !== keys.length || !keys.every(({ id }, at) => holders[at]?.key === id)) {
    conflict('Each new key, and no other, signs as its holder, in the order of the keys.');
  }
  keys.forEach((key, at) => {
    if (!isOf(key, holders[at] as Signer)) conflict(`The key of ${key.user} is signed for by another.`);
  });
}

function checkApprovers(log: KeyLog, { kind, keys, signers }: KeyStatement, index: number): void {
  const approvers = signers.filter(({ role }) => role === 'approver');
  const wanted = kind === 'found_keys' ? 0 : APPROVERS;
  const people = peopleIn(approvers.map(({ user }) => user));
  if (approvers.length !== wanted || people !== wanted) {
    conflict(`${wanted} different people must approve this.`);
  }
  for (const signer of approvers) {
    const record = log.get(signer.key);
    if (!record || !countsAt(record, index) || !record.approver) {
      conflict(`The key of ${signer.user} may not approve keys.`);
    }
    if (!isOf(record, signer)) conflict(`${signer.user} signs with a key of ${record.user}.`);
    if (keys.some(({ user }) => personOf(user) === personOf(signer.user))) {
      conflict(`${signer.user} cannot approve a key of the own.`);
    }
  }
}

function revoked(log: KeyLog, statement: KeyStatement, index: number): KeyRecord[] {
  const owners = new Set(statement.keys.map(({ user }) => user));
  return statement.revokes.map((id) => {
    const record = log.get(id);
    if (!record || record.revokedIndex !== null) {
      return conflict(`The key ${id.slice(0, 16)}… is not in use, so it cannot be revoked.`);
    }
    if (statement.kind === 'rotate_key' && !owners.has(record.user)) {
      conflict(`The key ${id.slice(0, 16)}… is of ${record.user}, who gets no new one here.`);
    }
    return { ...record, revokedIndex: index, suspectSince: statement.suspectSince };
  });
}

