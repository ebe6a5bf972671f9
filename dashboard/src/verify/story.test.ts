import { describe, expect, test } from 'vitest';

import { hex } from './bytes.ts';
import { encode, type Json } from './canonical.ts';
import { sha256 } from './hash.ts';
import { KINDS, parseStatement, type Statement } from './statement.ts';
import { entryOf, HASH, statementFields } from '../support/statements.ts';
import { Story } from './story.ts';

const REASON = { reason: 'so' };
const OFFER_HASH = hex(sha256(new Uint8Array([1])));
const said = (kind: string, changes: Record<string, Json> = {}): Statement =>
  parseStatement(encode(statementFields({ kind, ...changes })));
const COMMISSION = said('commission', { items: ['i', 'j'], coi: HASH });
const OFFER = said('offer', { to: 'clinic' });
const ACCEPT = said('accept', { from: null, to: 'clinic', answers: OFFER_HASH });
const SHIPPED = { shipment: 'U-1' };

/** What the story says of each, entry after entry from index 0; null: it may stand there. */
function tell(...statements: Statement[]): { story: Story; verdicts: (string | null)[] } {
  const story = new Story();
  const verdicts = statements.map((each, index) => story.add(entryOf(each, index)));
  return { story, verdicts };
}

/** What is said of the last one. */
const last = (...statements: Statement[]): string | null => tell(...statements).verdicts.at(-1) as string | null;

test('what is offered and accepted changes hands', () => {
  const { story, verdicts } = tell(COMMISSION, OFFER, ACCEPT);
  expect(verdicts).toEqual([null, null, null]);
  expect([story.state.holder, story.state.owner, story.state.offer]).toEqual(['clinic', 'maker', null]);
});

test('nothing but a seal comes before commissioning', () => {
  for (const kind of KINDS) {
    if (kind === 'commission' || kind === 'seal_readings') continue;
    const all = { to: 'clinic', place: '4012345000009', shipper: 'S', corrects: HASH, answers: HASH, ...SHIPPED, ...REASON };
    const conditions = { disposition: 'release', requalified: 'yes' };
    expect(last(said(kind, { ...all, conditions }))).toContain('not commissioned');
  }
});

const DEPART = said('depart', SHIPPED);
const RELEASE = said('release', SHIPPED);
const HOLD = said('hold', REASON);
const decide = (disposition: string) => said('disposition', { ...REASON, conditions: { disposition } });
const PACK = said('pack', { shipper: 'S', waybill: 'W', seals: ['1', '2'] });

describe.each<[string, Statement[]]>([
  ['commissioned twice', [COMMISSION, COMMISSION]],
  ['offered by one who does not hold', [COMMISSION, said('offer', { from: 'clinic', to: 'maker' })]],
  ['offered twice', [COMMISSION, OFFER, OFFER]],
  ['offered to oneself', [COMMISSION, said('offer', { to: 'maker' })]],
  ['offered in part', [COMMISSION, said('offer', { to: 'clinic', items: ['i'] })]],
  ['accepted without an offer', [COMMISSION, ACCEPT]],
  ['accepted by another', [COMMISSION, OFFER, said('accept', { to: 'hub', answers: OFFER_HASH })]],
  ['accepted for another offer', [COMMISSION, OFFER, said('accept', { to: 'clinic', answers: HASH })]],
  ['accepted in part', [COMMISSION, OFFER, said('accept', { from: null, to: 'clinic', answers: OFFER_HASH, items: ['i'] })]],
  ['accepted twice', [COMMISSION, OFFER, ACCEPT, ACCEPT]],
  ['refused without an offer', [COMMISSION, said('refuse', { to: 'clinic', answers: HASH, ...REASON })]],
  ['about an unknown item', [COMMISSION, said('inspect', { items: ['x'] })]],
  ['departed before release', [COMMISSION, DEPART]],
  ['departed twice', [COMMISSION, RELEASE, DEPART, DEPART]],
  ['released twice', [COMMISSION, RELEASE, RELEASE]],
  ['arrived without departing', [COMMISSION, said('arrive', { place: '4012345000009' })]],
  ['arrived with another shipment', [COMMISSION, RELEASE, DEPART, said('arrive', { place: '4012345000009', shipment: 'U-2' })]],
  ['infused on hold', [COMMISSION, HOLD, said('infuse')]],
  ['infused after a rejection', [COMMISSION, HOLD, decide('reject'), said('infuse')]],
  ['infused twice', [COMMISSION, said('infuse'), said('infuse')]],
  ['infused after its return', [COMMISSION, said('return', REASON), said('infuse')]],
  ['decided without a hold', [COMMISSION, decide('release')]],
  ['owned by another', [COMMISSION, said('transfer_title', { from: 'clinic', to: 'hub' })]],
  ['owned already', [COMMISSION, said('transfer_title', { to: 'maker' })]],
  ['corrected where nothing stands', [COMMISSION, said('correct', { corrects: HASH, ...REASON })]],
  ['of another identity', [COMMISSION, said('inspect', { coi: 'cd'.repeat(32) })]],
  ['under another waybill', [COMMISSION, PACK, said('inspect', { waybill: 'X' })]],
  ['under other seals', [COMMISSION, PACK, said('inspect', { seals: ['1'] })]],
  ['in another shipper', [COMMISSION, PACK, said('open', { shipper: 'T' })]],
  ['returned while it holds the items', [COMMISSION, PACK, said('return', { shipper: 'S', ...REASON })]],
  ['packed into what came back', [COMMISSION, said('return', { shipper: 'S', ...REASON }), PACK]],
  ['requalified without a result', [COMMISSION, said('requalify', { shipper: 'S' })]],
  ['erased twice', [COMMISSION, said('erase_identity', REASON), said('erase_identity', REASON)]],
])('what is %s', (_, statements) => {
  test('may not stand there', () => {
    const { verdicts } = tell(...statements);
    expect(verdicts.slice(0, -1).every((each) => each === null)).toBe(true);
    expect(verdicts.at(-1)).not.toBeNull();
  });
});

describe.each<[string, Statement[]]>([
  ['packed after requalifying', [COMMISSION, said('return', { shipper: 'S', ...REASON }), said('requalify', { shipper: 'S', conditions: { requalified: 'yes' } }), PACK]],
  ['under other seals, which is explained', [COMMISSION, PACK, said('inspect', { seals: ['9'], ...REASON })]],
  ['infused after its hold was lifted', [COMMISSION, HOLD, decide('release'), said('infuse')]],
  ['offered again after it was taken back', [COMMISSION, OFFER, said('correct', { corrects: entryOf(OFFER, 1).hash, ...REASON }), OFFER]],
])('what is %s', (_, statements) => {
  test('may stand there', () => expect(last(...statements)).toBeNull());
});

describe('in conflict', () => {
  const LATE = said('store', { seen: { sequence: 1, hash: entryOf(COMMISSION, 0).hash } });
  const OFFER_ENTRY = entryOf(OFFER, 1);
  const HANDED = entryOf(ACCEPT, 2);

  const place = (statement: Statement, conflictWith: string | null): string | null => {
    const { story } = tell(COMMISSION, OFFER, ACCEPT);
    return story.add(entryOf(statement, 3, conflictWith));
  };

  test('is what was possible when it was signed, and names the entry that made it impossible', () => {
    expect(place(LATE, HANDED.hash)).toBeNull();
  });

  test('a place in conflict that is not said, or not so, is broken', () => {
    expect(place(LATE, null)).not.toBeNull();
    expect(place(LATE, OFFER_ENTRY.hash)).not.toBeNull();
    expect(place(said('store', { from: 'clinic' }), HANDED.hash)).not.toBeNull();
  });

  test('what contradicts all that its signers had seen is broken', () => {
    const seen = { sequence: 3, hash: HANDED.hash };
    expect(place(said('store', { seen }), HANDED.hash)).not.toBeNull();
  });

  test('a chain that is not this one was seen', () => {
    for (const seen of [{ sequence: 1, hash: HASH }, { sequence: 9, hash: HASH }]) {
      expect(place(said('store', { from: 'clinic', seen }), null)).toContain('not here');
    }
  });
});
