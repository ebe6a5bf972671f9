import { describe, expect, test } from 'vitest';

import { hex } from './bytes.ts';
import { encode, type Json } from './canonical.ts';
import { sha256 } from './hash.ts';
import { KINDS, parseStatement, type Statement } from './statement.ts';
import { entryOf, HASH, statementFields } from '../support/statements.ts';
import { apply } from './rules.ts';
import { Story } from './story.ts';

const REASON = { reason: 'so' };
/** Hash of the statement that stands at an index. */
const hashOf = (index: number): string => hex(sha256(new Uint8Array([index])));
const OFFER_HASH = hashOf(1);
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

test('nothing but a seal and an erasure comes before commissioning', () => {
  for (const kind of KINDS) {
    if (['commission', 'seal_readings', 'erase_identity'].includes(kind)) continue;
    const all = { to: 'clinic', place: '4012345000009', shipper: 'S', corrects: HASH, answers: HASH, ...SHIPPED, ...REASON };
    const conditions = { disposition: 'release', requalified: 'yes' };
    expect(last(said(kind, { ...all, conditions }))).toContain('not commissioned');
  }
});

const DEPART = said('depart', SHIPPED);
const RELEASE = said('release', SHIPPED);
const HOLD = said('hold', REASON);
const decide = (disposition: string) => said('disposition', { ...REASON, conditions: { disposition } });
const WASTE_I = said('waste', { items: ['i'], ...REASON });
const RETURN_I = said('return', { items: ['i'], ...REASON });
const RETURN_SHIPPER = said('return', { shipper: 'S', ...REASON });
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
  ['thawed after its return', [COMMISSION, RETURN_I, said('thaw')]],
  ['infused after its return and another packing', [COMMISSION, RETURN_I, PACK, said('infuse', { items: ['i'] })]],
  ['thawed after its return and another packing', [COMMISSION, RETURN_I, PACK, said('thaw')]],
  ['infused under way', [COMMISSION, RELEASE, DEPART, said('infuse')]],
  ['infused while on offer', [COMMISSION, OFFER, said('infuse', { items: ['i'] })]],
  ['wasted while on offer', [COMMISSION, OFFER, WASTE_I]],
  ['accepted on another shipment', [COMMISSION, RELEASE, DEPART, said('offer', { to: 'clinic' }), said('accept', { to: 'clinic', answers: hashOf(3), shipment: 'U-2' })]],
  ['packed under other seals', [COMMISSION, PACK, said('pack', { seals: ['9'] })]],
  ['packed into another shipper', [COMMISSION, PACK, said('pack', { shipper: 'T' })]],
  ['returned though it held nothing', [COMMISSION, RETURN_SHIPPER]],
  ['returned though others were packed', [COMMISSION, PACK, said('return', { shipper: 'T', ...REASON })]],
  ['erased again after commissioning', [said('erase_identity', REASON), COMMISSION, said('erase_identity', REASON)]],
  ['decided without a hold', [COMMISSION, decide('release')]],
  ['owned by another', [COMMISSION, said('transfer_title', { from: 'clinic', to: 'hub' })]],
  ['owned already', [COMMISSION, said('transfer_title', { to: 'maker' })]],
  ['corrected where nothing stands', [COMMISSION, said('correct', { corrects: HASH, ...REASON })]],
  ['of another identity', [COMMISSION, said('inspect', { coi: 'cd'.repeat(32) })]],
  ['under another waybill', [COMMISSION, PACK, said('inspect', { waybill: 'X' })]],
  ['under other seals', [COMMISSION, PACK, said('inspect', { seals: ['1'] })]],
  ['in another shipper', [COMMISSION, PACK, said('open', { shipper: 'T' })]],
  ['returned while it holds the items', [COMMISSION, PACK, RETURN_SHIPPER]],
  ['packed into what came back', [COMMISSION, PACK, said('open'), RETURN_SHIPPER, PACK]],
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
  ['packed after requalifying', [COMMISSION, PACK, said('open'), RETURN_SHIPPER, said('requalify', { shipper: 'S', conditions: { requalified: 'yes' } }), PACK]],
  ['under other seals, which is explained', [COMMISSION, PACK, said('inspect', { seals: ['9'], ...REASON })]],
  ['packed under other seals, which is explained', [COMMISSION, PACK, said('pack', { seals: ['9'], ...REASON })]],
  ['packed after its return', [COMMISSION, RETURN_I, PACK]],
  ['infused without what went back', [COMMISSION, RETURN_I, said('infuse', { items: ['j'] })]],
  ['wasted after its return', [COMMISSION, RETURN_I, WASTE_I]],
  ['wasted under way', [COMMISSION, RELEASE, DEPART, WASTE_I]],
  ['accepted on the way', [COMMISSION, RELEASE, DEPART, OFFER, said('accept', { to: 'clinic', answers: hashOf(3), ...SHIPPED })]],
  ['erased before commissioning', [said('erase_identity', REASON)]],
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

  test('who does not say what was seen has seen everything', () => {
    expect(place(said('store'), HANDED.hash)).toContain('held by clinic');
    expect(place(said('store', { from: 'clinic' }), null)).toBeNull();
  });

  describe('an answer to an offer in conflict', () => {
    const AGAIN = said('offer', { to: 'hub', seen: LATE.seen as unknown as Json });
    const answer = (kind: string, changes: Record<string, Json> = {}): Statement =>
      said(kind, { from: null, to: 'hub', answers: hashOf(3), ...REASON, ...changes });

    /** What is said of an answer at index 4, after an offer at 3 that is in conflict. */
    const answered = (statement: Statement, conflictWith: string | null, lost = AGAIN, against = OFFER_ENTRY) => {
      const { story } = tell(COMMISSION, OFFER, ACCEPT);
      expect(story.add(entryOf(lost, 3, against.hash))).toBeNull();
      const before = story.state;
      const sentence = story.add(entryOf(statement, 4, conflictWith));
      return { sentence, changed: story.state.holder !== before.holder };
    };
    const hash = entryOf(AGAIN, 3).hash;

    test.each(['accept', 'refuse'])('is in conflict with that offer: %s', (kind) => {
      expect(answered(answer(kind), hash)).toEqual({ sentence: null, changed: false });
      const seen = { sequence: 4, hash };
      expect(answered(answer(kind, { seen }), hash).sentence).toBeNull();
    });

    test('that is not marked so, or as in conflict with another entry, is broken', () => {
      expect(answered(answer('accept'), null).sentence).not.toBeNull();
      expect(answered(answer('accept'), HANDED.hash).sentence).not.toBeNull();
    });

    test('is none when it answers another, or is no answer, or that is no offer', () => {
      expect(answered(answer('accept', { answers: hashOf(0) }), hash).sentence).not.toBeNull();
      expect(answered(answer('depart', { from: 'hub', ...SHIPPED }), hash).sentence).not.toBeNull();
      expect(answered(answer('accept'), hash, LATE, HANDED).sentence).not.toBeNull();
    });
  });
});

test('what was erased before commissioning stays erased', () => {
  expect(tell(said('erase_identity', REASON), COMMISSION).story.state.erased).toBe(true);
});

test('an offer that is for other items than there are now is not accepted', () => {
  const { story } = tell(COMMISSION, OFFER, ACCEPT);
  const items = new Map([['i', 'thawed'], ['j', 'wasted']] as const);
  const offer = { giver: 'maker', receiver: 'clinic', items: new Set(['i', 'j']), statement: HASH, entry: HASH };
  const state = { ...story.state, items, offer };
  const accept = { statement: said('accept', { to: 'clinic', answers: HASH }), hash: HASH };
  expect(() => apply(state, accept)).toThrow('there is now i');
  expect(apply({ ...state, offer: { ...offer, items: new Set(['i']) } }, accept).holder).toBe('clinic');
});
