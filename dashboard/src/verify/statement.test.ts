import { describe, expect, test } from 'vitest';

import { base64, bytesOf, textOf } from './bytes.ts';
import { encode, type Json, type JsonObject } from './canonical.ts';
import { parseEntry } from './entry.ts';
import { preAuthenticationEncoding, STATEMENT_TYPE } from './envelope.ts';
import { printedName } from './form.ts';
import { parseKeyStatement } from './keyStatement.ts';
import { HASH, SIGNER, statementFields } from '../support/statements.ts';
import { actorOf, parseStatement } from './statement.ts';

const parse = (changes: Record<string, Json> = {}) => parseStatement(encode(statementFields(changes)));

test('a statement is read as it was signed', () => {
  const said = parse({ items: ['a', 'b'], conditions: { frost: 'no' }, remarks: 'wet\n“box”' });
  expect(said.items).toEqual(['a', 'b']);
  expect(said.conditions.get('frost')).toBe('no');
  expect(said.signers[0]?.name).toBe('Ann Ödegård');
  expect(actorOf(said)).toBe('maker');
});

const TWO = [
  { ...SIGNER, role: 'confirmer' },
  { ...SIGNER, role: 'verifier', user: 'bob', key: 'cd'.repeat(32) },
];

test('two people are a confirmer and a verifier', () => {
  expect(parse({ signers: TWO }).signers).toHaveLength(2);
});

const SEALED = { leg: 1, from: null, until: '2026-11-21T10:00:00.000Z', count: 0, root: HASH, earlier: null };

describe.each<[string, Record<string, Json>]>([
  ['another version', { v: 1 }],
  ['an unknown kind', { kind: 'steal' }],
  ['an order with a blank at its end', { order: 'A-1 ' }],
  ['an order that is too long', { order: 'A'.repeat(91) }],
  ['an item twice', { items: ['a', 'a'] }],
  ['a place of twelve digits', { place: '401234500000' }],
  ['a day that is none', { claimed_at: '2026-02-30T10:00:00.000Z' }],
  ['the year nought', { claimed_at: '0000-01-01T10:00:00.000Z' }],
  ['an hour that is none', { claimed_at: '2026-02-20T24:00:00.000Z' }],
  ['seconds only', { claimed_at: '2026-02-20T10:00:00Z' }],
  ['a control character', { remarks: 'a\rb' }],
  ['an empty remark', { remarks: '' }],
  ['too long a remark', { remarks: '🧬'.repeat(2001) }],
  ['a condition without a name', { conditions: { '': 'yes' } }],
  ['a condition that is no text', { conditions: { frost: 1 } }],
  ['a no without a reason', { conditions: { frost: 'no' } }],
  ['nobody who signs', { signers: [] }],
  ['the same person twice', { signers: [TWO[0] as Json, { ...TWO[1], user: 'ann' }] }],
  ['the same key twice', { signers: [TWO[0] as Json, { ...TWO[1], key: HASH }] }],
  ['a verifier before the confirmer', { signers: [...TWO].reverse() }],
  ['one who only confirms', { signers: [TWO[0] as Json] }],
  ['a name that is hidden in part', { signers: [{ ...SIGNER, name: 'An\u200bn' }] }],
  ['a name that turns around', { signers: [{ ...SIGNER, name: '\u202enn\u202c' }] }],
  ['a name of two lines', { signers: [{ ...SIGNER, name: 'Ann\nBob' }] }],
  ['something else about a signer', { signers: [{ ...SIGNER, shoe: 44 }] }],
  ['a seal that is none', { sealed: SEALED }],
  ['a seal without readings', { kind: 'seal_readings', shipment: 'U-1' }],
  ['an offer to nobody', { kind: 'offer' }],
  ['an answer to nothing', { kind: 'accept', to: 'clinic' }],
  ['a disposition of nothing known', { kind: 'disposition', reason: 'so', conditions: { disposition: 'x' } }],
  ['a disposition without a decision', { kind: 'disposition', reason: 'so' }],
  ['a sequence of nought', { seen: { sequence: 0, hash: HASH } }],
])('a statement with %s', (_, changes) => {
  test('is refused', () => expect(() => parse(changes)).toThrow());
});

test('a text of 2000 characters beyond the first plane is a text', () => {
  expect(parse({ remarks: '🧬'.repeat(2000) }).remarks).toHaveLength(4000);
});

test('a name holds no character that cannot be seen, up to the borders of what can', () => {
  const ranges = [
    [0x00, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x61c, 0x61c], [0x200b, 0x200f], [0x2028, 0x202e],
    [0x2060, 0x206f], [0xfeff, 0xfeff], [0xfff9, 0xfffb],
  ] as const;
  const named = (code: number) => `a${String.fromCodePoint(code)}b`;
  for (const [first, last] of ranges) {
    for (const code of [first, last]) expect(() => printedName(named(code))).toThrow();
    for (const code of [first - 1, last + 1]) {
      if (code >= 0) expect(printedName(named(code))).toBe(named(code));
    }
  }
  expect(printedName('Zoë “Z” Öd 🧬')).toBe('Zoë “Z” Öd 🧬');
});

test('each field must be there', () => {
  for (const name of Object.keys(statementFields())) {
    const { [name]: _, ...rest } = statementFields();
    expect(() => parseStatement(encode(rest))).toThrow();
  }
});

test('what is signed is the encoding that DSSE gives as its example', () => {
  const pae = preAuthenticationEncoding('http://example.com/HelloWorld', bytesOf('hello world'));
  expect(textOf(pae)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

const KEY: JsonObject = { public: HASH, user: 'ann', name: 'Ann', party: null, approver: 'yes' };
const keyFields = (changes: Record<string, Json> = {}): JsonObject => ({
  v: 1,
  log: 'unbroken/test',
  id: '01234567-89ab-4def-8123-456789abcdef',
  kind: 'enrol_key',
  keys: [KEY],
  revokes: [],
  suspect_since: null,
  claimed_at: '2026-11-21T10:00:00.000Z',
  signers: [{ ...SIGNER, role: 'holder' }],
  seen: null,
  reason: null,
  ...changes,
});

test('a statement about keys is read', () => {
  expect(parseKeyStatement(encode(keyFields())).keys[0]?.approver).toBe(true);
});

test.each<Record<string, Json>>([
  { v: 2 },
  { keys: [] },
  { revokes: [HASH] },
  { kind: 'revoke_key', revokes: [HASH], reason: 'lost' },
  { kind: 'rotate_key', revokes: [HASH] },
  { keys: [KEY, { ...KEY, user: 'bob' }] },
  { keys: [KEY, { ...KEY, public: 'cd'.repeat(32) }] },
  { keys: [{ ...KEY, name: 'An\u00adn' }] },
  { signers: [{ ...SIGNER, role: 'holder', name: '\ufeffAnn' }] },
  { keys: [{ ...KEY, approver: true as unknown as Json }] },
  { signers: [{ ...SIGNER, role: 'signer' }] },
])('a statement about keys that does not fit together is refused: %j', (changes) => {
  const fields = keyFields(changes);
  expect(() => parseKeyStatement(bytesOf(JSON.stringify(fields)))).toThrow();
  expect(() => parseKeyStatement(encode(fields))).toThrow();
});

const SIG = base64(new Uint8Array(64));
const envelope = (changes: Record<string, Json> = {}): JsonObject => ({
  payload: base64(encode(statementFields())),
  payloadType: STATEMENT_TYPE,
  signatures: [{ keyid: HASH, sig: SIG }],
  ...changes,
});
const entryFields = (changes: Record<string, Json> = {}): JsonObject => ({
  v: 2,
  index: 7,
  order: 'A-1',
  order_sequence: 1,
  previous: '0'.repeat(64),
  keys: HASH,
  recorded_at: '2026-11-21T10:00:00.000Z',
  conflict_with: null,
  envelope: envelope(),
  ...changes,
});

test('an entry is read with what was said in it', () => {
  const entry = parseEntry(encode(entryFields()));
  expect([entry.index, entry.said.type, entry.said.log]).toEqual([7, 'statement', 'unbroken/test']);
});

test.each<[string, Record<string, Json>]>([
  ['another version', { v: 1 }],
  ['an index below nought', { index: -1 }],
  ['a sequence of nought', { order_sequence: 0 }],
  ['half a hash', { previous: '00' }],
  ['no signature', { envelope: envelope({ signatures: [] }) }],
  ['a signature of another', { envelope: envelope({ signatures: [{ keyid: '0'.repeat(64), sig: SIG }] }) }],
  ['a signature too many', { envelope: envelope({ signatures: [{ keyid: HASH, sig: SIG }, { keyid: HASH, sig: SIG }] }) }],
  ['a short signature', { envelope: envelope({ signatures: [{ keyid: HASH, sig: 'AAAA' }] }) }],
  ['base64 without padding', { envelope: envelope({ signatures: [{ keyid: HASH, sig: SIG.replaceAll('=', '') }] }) }],
  ['an unknown type', { envelope: envelope({ payloadType: 'text/plain' }) }],
  ['a payload that is no statement', { envelope: envelope({ payload: 'e30=' }) }],
])('an entry with %s is refused', (_, changes) => {
  expect(() => parseEntry(encode(entryFields(changes)))).toThrow();
});
