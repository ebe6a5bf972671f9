import { expect, test } from 'vitest';

import { entryOf, HASH, statementFields } from '../support/statements.ts';
import { encode, type Json } from './canonical.ts';
import type { Opened } from './read.ts';
import { checkRules } from './ruleSteps.ts';
import { parseStatement } from './statement.ts';

const said = (kind: string, id: number, changes: Record<string, Json> = {}) =>
  parseStatement(encode(statementFields({ kind, id: `00000000-0000-4000-8000-00000000000${id}`, ...changes })));
const COMMISSION = said('commission', 0, { items: ['i'], coi: HASH });

function found(form: 'bundle' | 'receipt', ...entries: Opened['statements']): [string, number | null][] {
  const opened = { about: { form }, statements: entries } as unknown as Opened;
  return [...checkRules(opened)].map(({ code, index }) => [code, index]);
}

test('a statement that was recorded before breaks the rules', () => {
  const [first, again] = [entryOf(said('inspect', 1), 1), entryOf(said('inspect', 1), 2)];
  expect(found('bundle', entryOf(COMMISSION, 0), first)).toEqual([]);
  expect(found('bundle', entryOf(COMMISSION, 0), first, again)).toEqual([['rule_broken', 2]]);
});

test('a receipt tells that its entry is in conflict, and does not judge it', () => {
  expect(found('receipt', entryOf(said('store', 1), 7, HASH))).toEqual([['in_conflict', 7]]);
  expect(found('receipt', entryOf(said('store', 1), 7))).toEqual([]);
  expect(found('bundle', entryOf(said('store', 1), 7, HASH))).toEqual([['in_conflict', 7], ['rule_broken', 7]]);
});
