import { expect, test } from 'vitest';

import type { Entry } from './entry.ts';
import { NO_ENTRY } from './form.ts';
import { keyId } from './ed25519.ts';
import { checkKeys } from './keySteps.ts';
import type { Key, KeyStatement } from './keyStatement.ts';
import type { Opened } from './read.ts';
import type { Seen, Signer } from './statement.ts';

const hashAt = (index: number): string => index.toString(16).padStart(64, '0');

function key(n: number, user: string): Key {
  const bytes = new Uint8Array(32).fill(n);
  return { id: keyId(bytes), public: bytes, user, name: user, party: null, approver: true };
}

const sign = ({ id, ...person }: Key, role: string): Signer => ({ ...person, role, key: id, meaning: 'so' });
const FOUNDERS = [key(1, 'ann'), key(2, 'bob'), key(3, 'cid')];

/** The chain of keys: founded, then a key enrolled for each of the others; what each has seen. */
function chainOf(...views: (Seen | null)[]): Entry<KeyStatement>[] {
  return views.map((seen, at) => {
    const keys = at === 0 ? FOUNDERS : [key(10 + at, `new-${at}`)];
    const approvers = at === 0 ? [] : FOUNDERS.slice(0, 2);
    const said: KeyStatement = {
      type: 'key',
      log: 'l',
      kind: at === 0 ? 'found_keys' : 'enrol_key',
      keys,
      revokes: [],
      suspectSince: null,
      claimedAt: '2026-11-21T10:00:00.000Z',
      signers: [...keys.map((each) => sign(each, 'holder')), ...approvers.map((each) => sign(each, 'approver'))],
      seen,
      reason: null,
    };
    const previous = at === 0 ? NO_ENTRY : hashAt(at - 1);
    return {
      index: at,
      order: '',
      sequence: at + 1,
      previous,
      keys: previous,
      recordedAt: said.claimedAt,
      conflictWith: null,
      envelope: { payloadType: '', payload: new Uint8Array(), signatures: [] },
      said,
      hash: hashAt(at),
      leaf: new Uint8Array(32),
    };
  });
}

async function broken(...views: (Seen | null)[]): Promise<(number | null)[]> {
  const opened = { keys: chainOf(...views), statements: [] } as unknown as Opened;
  const { findings } = await checkKeys(opened);
  expect(new Set(findings.map(({ code }) => code)).size).toBeLessThan(2);
  return findings.filter(({ code }) => code === 'key_rule_broken').map(({ index }) => index);
}

const head = (sequence: number): Seen => ({ sequence, hash: hashAt(sequence - 1) });

test.each<[string, Seen | null]>([
  ['nothing', null],
  ['the head in front', head(2)],
  ['an earlier head, as another enrolment waited at once', head(1)],
])('who has seen %s may let a key in', async (_, seen) => {
  expect(await broken(null, head(1), seen)).toEqual([]);
});

test.each<[string, Seen]>([
  ['one that is not there yet', head(3)],
  ['another one in its place', { sequence: 2, hash: hashAt(9) }],
])('who has seen %s breaks the rule', async (_, seen) => {
  expect(await broken(null, head(1), seen)).toEqual([2]);
});
