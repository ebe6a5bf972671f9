import { expect, test } from 'vitest';

import { parseStatement } from '../verify/statement.ts';
import { differences, draftOf, needsExplanation, nothingFilled, splitSeals, type Filled, type Situation } from './draft';
import { FORMS, formsFor, stepsFor, type Act } from './kinds';
import { aCustody, aKey } from '../support/signing';
import { writeStatement } from './signing';
import { signerLines, statementLines } from './words';

const HASH = '78'.repeat(32);
const NAMES = { party: (id: string) => id, place: (gln: string) => gln, steps: aCustody().steps };

function situation(act: Act, bent: Partial<Situation> = {}): Situation {
  const form = FORMS.find((one) => one.act === act);
  if (!form) throw new Error(act);
  const custody = aCustody();
  return {
    form,
    custody,
    shipment: 'U-1',
    me: aKey(),
    second: null,
    people: 1,
    verdict: null,
    checks: [],
    otherName: 'the courier',
    ...bent,
  };
}

const filled = (bent: Partial<Filled> = {}): Filled => ({
  ...nothingFilled('0614141000012'),
  receiver: 'courier',
  decision: 'release',
  corrects: HASH,
  explanation: 'I saw it.',
  ...bent,
});

test('every form, filled in, is a statement that the verifier reads', () => {
  for (const { act, kind } of FORMS) {
    const { payload } = writeStatement(draftOf(situation(act), filled()));
    const statement = parseStatement(payload);
    expect(statement.kind).toBe(kind);
    expect(statement.signers.map(({ name, role }) => [name, role])).toEqual([['Ann Ödegård', 'signer']]);
    expect(statement.signers[0]?.meaning).not.toContain('{');
  }
});

test('an answer names the offer by its bytes, and whoever acts is the receiver', () => {
  for (const act of ['accept', 'accept_with_remarks', 'refuse'] as const) {
    const said = parseStatement(writeStatement(draftOf(situation(act), filled())).payload);
    expect(said).toMatchObject({ answers: aCustody().offer?.statement, from: 'courier', to: 'pharmacy' });
  }
  const offered = parseStatement(writeStatement(draftOf(situation('offer'), filled())).payload);
  expect(offered).toMatchObject({ answers: null, from: 'pharmacy', to: 'courier' });
});

test('two people are a confirmer and a verifier', () => {
  const second = aKey({ user: 'bo', name: 'Bo', key: HASH });
  const draft = draftOf(situation('accept', { second, people: 2 }), filled());
  const { signers } = parseStatement(writeStatement(draft).payload);
  expect(signers.map(({ user, role, key }) => [user, role, key])).toEqual([
    ['ann', 'confirmer', aKey().key],
    ['bo', 'verifier', HASH],
  ]);
  expect(signerLines(draft, NAMES).map(({ label }) => label)).toEqual([
    'Ann Ödegård, pharmacy, signs first',
    'Bo, pharmacy, signs as the second person',
  ]);
});

test('a "no", and a number that differs, ask for words; leaving a number out does not', () => {
  const checks = aCustody().steps[0]?.checklist ?? [];
  const accept = situation('accept', { checks });
  expect(needsExplanation(accept, filled({ answers: { case: 'yes' } }))).toBe(false);
  expect(needsExplanation(accept, filled({ answers: { case: 'no' } }))).toBe(true);
  expect(needsExplanation(accept, filled({ seals: '88-2, 88-1', shipper: 'S-1' }))).toBe(false);
  expect(needsExplanation(accept, filled({ seals: '88-1' }))).toBe(true);
  expect(differences(aCustody(), filled({ shipper: 'S-2', waybill: 'W-2', seals: '9' }))).toHaveLength(3);
  expect(differences(aCustody({ sealed: null }), filled({ shipper: 'S-2' }))).toEqual([]);
  expect(splitSeals(' 88-1;88-2,  88-1 ')).toEqual(['88-1', '88-2']);
});

test('what is read over holds every answer, a "no" as something not to be passed over', () => {
  const checks = aCustody().steps[0]?.checklist ?? [];
  const answers = { case: 'no', probe: 'P-7' };
  const lines = statementLines(draftOf(situation('accept', { checks }), filled({ answers })), NAMES);
  expect(lines).toContainEqual({ label: 'Case intact?', text: 'no', warns: true });
  expect(lines).toContainEqual({ label: 'Number of the probe', text: 'P-7', warns: false });
  expect(lines).toContainEqual({ label: 'Remarks', text: 'I saw it.' });
});

test('only what role, party and state allow is offered', () => {
  const acts = (role: string, party: string | null, bent = {}): string[] =>
    formsFor(role, party, aCustody(bent), 'U-1').map(({ act }) => act);
  expect(acts('pharmacist', 'pharmacy')).toEqual([
    'accept', 'accept_with_remarks', 'refuse', 'inspect', 'correct',
  ]);
  expect(acts('courier', 'courier')).toEqual(['depart', 'store', 'inspect', 'correct']);
  expect(acts('courier', 'courier', { offer: null, in_transit: 'U-1' })).toContain('arrive');
  expect(acts('courier', 'courier', { offer: null })).toContain('offer');
  expect(acts('courier', 'courier', { released: [] })).not.toContain('depart');
  expect(acts('qa', 'sponsor')).toEqual(['inspect', 'hold', 'correct']);
  expect(acts('qa', 'sponsor', { items: [{ id: 'i', state: 'packed', held: true }] })).toContain('disposition');
  expect(acts('pharmacist', 'pharmacy', { holder: null })).toEqual([]);
  for (const role of ['auditor', 'administrator', 'logger']) expect(acts(role, 'pharmacy')).toEqual([]);
});

test('a step of the destination is asked for nowhere else', () => {
  expect(stepsFor(aCustody(), 'accept', true)).toHaveLength(1);
  expect(stepsFor(aCustody(), 'accept', false)).toEqual([]);
});
