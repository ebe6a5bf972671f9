import { describe, expect, test } from 'vitest';

import type { Entry, LedgerHead } from '../api/types';
import { anEntry } from '../support/samples';
import { betweens, type Plan } from './between';
import { linksOf } from './custodyLinks';
import { answersOf, clockWords, headWords, missingWords, recordedWords, signedWords } from './custodyWords';
import { isFlash, lanesOf, lengthS, letters } from './periods';
import { entryHeading } from './words';

const plain = (text: string | null): string => (text ?? '').replaceAll('\u00a0', ' ');
const at = (minute: number): string =>
  new Date(Date.parse('2026-11-21T12:00:00Z') + minute * 60_000).toISOString();
const now = Date.parse(at(600));
const said = (index: number, kind: string, minute: number, bent: Partial<Entry> = {}): Entry =>
  anEntry({
    index,
    order_sequence: index + 1,
    kind,
    claimed_at: at(minute),
    recorded_at: at(minute),
    entry_hash: `hash-${index}`,
    shipment: 'U-1',
    ...bent,
  });
const plan: Plan = { shipment: 'U-1', legs: [], next: null };
const begun = said(0, 'commission', 0, { items: ['i1', 'i2'], to: null, to_name: null });
const offer = said(1, 'offer', 10);
const accept = said(2, 'accept', 50, { answers: 'offer-bytes' });

describe('who held it and who owned it', () => {
  test('possession passes with an acceptance, the title only with its own entry', () => {
    const title = said(3, 'transfer_title', 60, { to: 'lakeside', to_name: 'Lakeside' });
    const { held, owned } = lanesOf([begun, offer, accept, title]);

    expect(held.map(({ name }) => name)).toEqual(['Maker A', 'Polar Line']);
    expect(owned.map(({ name }) => name)).toEqual(['Maker A', 'Lakeside']);
    expect(held.map((period) => lengthS(period, now) / 60)).toEqual([50, 550]);
  });

  test('a title that only passes through is told as such', () => {
    const via = said(1, 'transfer_title', 60, { to: 'via', to_name: 'Via' });
    const on = said(2, 'transfer_title', 72, { from: 'via', to: 'lakeside', to_name: 'Lakeside' });
    const { owned } = lanesOf([begun, via, on]);

    expect(owned.map((period) => isFlash(period, owned))).toEqual([false, true, false]);
  });

  test('an entry in conflict moves nothing', () => {
    expect(lanesOf([begun, offer, { ...accept, conflict: true }]).held).toHaveLength(1);
  });

  test('a time without a holder on record is nobody’s', () => {
    const stray = said(3, 'accept', 90, { from: 'x', to: 'q', to_name: 'Q' });
    expect(lanesOf([begun, offer, accept, stray]).held.map(({ party }) => party)).toEqual([
      'maker',
      'polar',
      null,
      'q',
    ]);
  });

  test('what is missing from the record is said in words', () => {
    const stray = said(3, 'accept', 90, { from: 'x', from_name: 'Northway', to: 'q', to_name: 'Q' });
    const twice = said(3, 'accept', 90, { from: 'x', conflict: true, conflict_with: 'hash-2' });

    expect(missingWords([begun, offer, accept])).toEqual([]);
    expect(missingWords([begun, offer, accept, stray])).toEqual([
      'Northway handed over what Polar Line held; how it got there is not recorded.',
    ]);
    expect(missingWords([begun, offer, accept, twice])).toEqual([
      '1 entry contradicts what was on record, and changed nothing.',
    ]);
  });

  test('when the last item is used up, nobody holds it any more', () => {
    const some = said(3, 'infuse', 100, { items: ['i1'] });
    const rest = said(4, 'waste', 120, { items: [] });
    expect(lanesOf([begun, some]).held.at(-1)?.toMs).toBeNull();
    expect(lanesOf([begun, some, rest]).held.at(-1)?.toMs).toBe(Date.parse(at(120)));
  });

  test('nothing is ever held for less than no time, in whatever order devices claim it', () => {
    for (let minute = -30; minute < 30; minute += 7) {
      const { held } = lanesOf([begun, offer, { ...accept, claimed_at: at(minute) }]);
      expect(held.every((period) => lengthS(period, now) >= 0)).toBe(true);
    }
  });

  test('each party has one letter in both lanes', () => {
    expect([...letters(lanesOf([begun, offer, accept]))]).toEqual([['maker', 'A'], ['polar', 'B']]);
  });
});

describe('what lies between the entries', () => {
  test('an offer that waited says who held it meanwhile', () => {
    const [wait] = betweens([begun, offer, accept], plan, now);
    expect(wait).toMatchObject({ before: 2, loud: false, spanS: 2400, body: 'Still held by Maker A.' });
  });

  test('an offer that waits still needs somebody after half an hour', () => {
    expect(betweens([begun, offer], plan, Date.parse(at(20)))[0]?.loud).toBe(false);
    const [wait] = betweens([begun, offer], plan, Date.parse(at(60)));
    expect(wait).toMatchObject({ before: null, loud: true, spanS: 3000 });
    expect(wait?.body).toContain('Polar Line has neither accepted nor refused it');
  });

  test('an offer that its giver took back waits no more', () => {
    const back = said(2, 'correct', 40, { corrects: 'hash-1' });
    expect(betweens([begun, offer, back], plan, now)).toMatchObject([{ before: 2, spanS: 1800 }]);
  });

  test('a journey longer than planned says by how much', () => {
    const leg = {
      number: 1,
      carrier_party_id: 'polar',
      from_gln: '1',
      to_gln: '2',
      planned_departure_at: at(60),
      planned_arrival_at: at(120),
    };
    const depart = said(3, 'depart', 60, { place: '1', from_name: 'Polar Line' });
    const arrive = said(4, 'arrive', 200);
    const legs = { ...plan, legs: [leg] };
    const journey = betweens([begun, offer, accept, depart, arrive], legs, now)[1];

    expect(journey).toMatchObject({ before: 4, loud: true, spanS: 8400 });
    expect(plain(journey?.body ?? '')).toBe(
      'Held by Polar Line; no handoff is recorded on the way. Planned: 1 h. 1 h 20 min longer than planned.',
    );
    expect(betweens([begun, offer, accept, depart], legs, Date.parse(at(100)))[1]).toMatchObject({
      before: null,
      loud: false,
    });
  });

  test('silence beyond the plan is told, and not before', () => {
    const next = { what: 'accept', at: at(300), place: 'Lakeside' };
    expect(betweens([begun], { ...plan, next }, Date.parse(at(310)))).toEqual([]);
    expect(betweens([begun], { ...plan, next }, now)).toMatchObject([
      { before: null, loud: true, spanS: 36_000, title: 'Nothing recorded' },
    ]);
  });
});

describe('links between entries', () => {
  test('an offer and its answer know each other, and a second answer knows the offer only', () => {
    const second = said(3, 'accept', 55, { answers: 'offer-bytes', conflict: true, conflict_with: 'hash-2' });
    const links = linksOf([begun, offer, accept, second]);

    expect(links.get(1)?.answeredBy?.index).toBe(2);
    expect(links.get(2)?.answers?.index).toBe(1);
    expect(links.get(3)?.answers?.index).toBe(1);
    expect(links.get(3)?.contradicts?.index).toBe(2);
    expect(links.get(2)?.contradictedBy.map(({ index }) => index)).toEqual([3]);
  });

  test('a correction and a later seal are linked both ways', () => {
    const seal = { leg: 1, from: null, until: at(60), count: 3, root: 'r', earlier: null };
    const first = said(3, 'seal_readings', 60, { sealed: seal });
    const again = said(4, 'seal_readings', 70, { sealed: { ...seal, earlier: 'hash-3' } });
    const fixed = said(5, 'correct', 80, { corrects: 'hash-0' });
    const links = linksOf([begun, first, again, fixed]);

    expect(links.get(3)?.replacedBy?.index).toBe(4);
    expect(links.get(4)?.replaces?.index).toBe(3);
    expect(links.get(0)?.correctedBy.map(({ index }) => index)).toEqual([5]);
    expect(links.get(5)?.corrects?.index).toBe(0);
  });
});

describe('an entry in words', () => {
  const person = { user: 'a', name: 'Ann', party: 'p', party_name: 'Polar Line', key: 'k', meaning: 'm' };

  test('two people are told by what each did', () => {
    const two = [
      { ...person, role: 'confirmer' as const },
      { ...person, name: 'Bo', party: null, party_name: null, role: 'verifier' as const },
    ];
    expect(signedWords(two)).toBe('Confirmed by Ann (Polar Line), verified by Bo');
  });

  test('signed and recorded are told apart from two minutes on', () => {
    const entry = anEntry({ claimed_at: '2026-11-21T07:12:00Z', recorded_at: '2026-11-21T08:40:00Z' });
    expect(plain(recordedWords(entry, now))).toMatch(/^Signed .*07:12, recorded .*08:40: 1 h 28 min later\.$/);
    expect(recordedWords({ ...entry, recorded_at: '2026-11-21T07:13:59Z' }, now)).toBeNull();
    expect(plain(recordedWords({ ...entry, recorded_at: '2026-11-21T07:00:00Z' }, now))).toContain(
      '12 min after the record',
    );
  });

  test('an acceptance with remarks is headed as one', () => {
    expect(entryHeading({ ...accept, accepted_with_remarks: true })).toBe('Accepted with remarks by Polar Line');
  });

  test('the noes of a checklist come first, in the words of its questions', () => {
    const entry = anEntry({
      kind: 'accept',
      conditions: { case_intact: 'yes', lid_seal_intact: 'no', seal_number: '88-1', pouch: 'na' },
    });
    const questions = {
      steps: [{ kind: 'accept', checklist: [{ key: 'lid_seal_intact', question: 'Tamper seal intact?' }] }],
    };
    expect(answersOf(entry, questions).map(({ answer }) => answer)).toEqual(['No', '88-1', 'Does not apply', 'Yes']);
    expect(answersOf(entry, questions)[0]?.question).toBe('Tamper seal intact?');
    expect(answersOf(entry, null)[0]?.question).toBe('lid seal intact');
  });

  test('a device’s clock is ahead or behind, with its error', () => {
    const clock = { offset_ms: 12_000, error_ms: 65, synced_at: at(1) };
    expect(plain(clockWords(clock, now))).toContain('12 s behind the server’s, ± 65 ms');
    expect(plain(clockWords({ ...clock, offset_ms: -90 }, now))).toContain('90 ms ahead of the server’s');
  });
});

describe('how far the log is signed', () => {
  const head: LedgerHead = {
    origin: 'unbroken/x',
    size: 169,
    root: '',
    founded: true,
    checkpoint: { size: 169, root: '', signed_at: at(1), note: '' },
    witnessed: { size: 169, age_s: 40, at: at(1), k: 2, n: 3, witnesses: [] },
  };

  test('witnessed, signed only and not signed are told apart', () => {
    expect(plain(headWords(head, 40).words)).toBe('Witnessed to size 169, 40 s ago, 2 of 3');
    expect(headWords({ ...head, witnessed: null }, null).words).toBe('Signed to size 169, no witnesses');
    expect(headWords({ ...head, checkpoint: null, witnessed: null }, null).words).toBe('Not signed yet');
  });

  test('a log that nobody has witnessed is never drawn as well', () => {
    const none = { ...head, witnessed: { ...head.witnessed!, size: 0, at: null, age_s: null } };
    for (const one of [none, { ...head, witnessed: null }, { ...head, size: 172 }]) {
      expect(headWords(one, 40).shape).not.toBe('well');
    }
  });

  test('entries that wait long for the witnesses are a warning', () => {
    expect(headWords({ ...head, size: 172 }, 30)).toMatchObject({ shape: null, more: expect.stringContaining('3 entries') });
    expect(headWords({ ...head, size: 172 }, 3600).shape).toBe('warning');
  });
});
