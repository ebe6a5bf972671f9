import { expect, test } from 'vitest';

import { entryOf, HASH, SIGNER, statementFields } from '../support/statements.ts';
import { encode } from './canonical.ts';
import type { KeyLog } from './keyLog.ts';
import { checkPeople } from './peopleSteps.ts';
import type { Opened } from './read.ts';
import { parseStatement, type Signer } from './statement.ts';

const OTHER = 'cd'.repeat(32);

/** What is found when Ann confirms for the maker and Bob verifies for a party. */
async function found(from: string | null, party: string | null): Promise<string[]> {
  const two = [
    { ...SIGNER, role: 'confirmer' },
    { ...SIGNER, role: 'verifier', user: 'bob', key: OTHER, party },
  ];
  const said = parseStatement(encode(statementFields({ kind: 'inspect', from, signers: two })));
  const record = ({ user, name, party: of }: Signer, id: string) => [
    id,
    { id, user, name, party: of, public: new Uint8Array(32), approver: false, enrolledIndex: 0, revokedIndex: null, suspectSince: null },
  ] as const;
  const keys: KeyLog = new Map(said.signers.map((signer, at) => record(signer, [HASH, OTHER][at] as string)));
  const opened = { statements: [entryOf(said, 4)] } as unknown as Opened;
  return (await checkPeople(opened, keys)).map(({ code }) => code);
}

test('two people who sign are of one party', async () => {
  expect(await found('maker', 'maker')).toEqual([]);
  expect(await found('maker', 'clinic')).toEqual(['signer_differs']);
  expect(await found('maker', null)).toEqual(['signer_differs']);
  expect(await found(null, 'clinic')).toEqual(['signer_differs']);
});
