import { expect, test } from 'vitest';

import { bytesOf, concat, textOf } from './bytes.ts';
import { parseCheckpoint, parseDecimal } from './checkpoint.ts';
import { cosignedAt, isBy, isLogSignature, parseNote, parseVkey, vkeyText, type NoteSignature } from './note.ts';
import { parseProof } from './tlogProof.ts';

// golang.org/x/mod, sumdb/note/note_test.go.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

const noteOf = (...lines: string[]) => bytesOf(`${TEXT}\n${lines.join('')}`);

test('the reference note opens', async () => {
  const note = parseNote(noteOf(LINE));
  const [line] = note.signatures as [NoteSignature];
  expect(textOf(note.text)).toBe(TEXT);
  expect(isBy(line, parseVkey(PETER))).toBe(true);
  expect(await isLogSignature(note, line, parseVkey(PETER))).toBe(true);
  const other = { ...note, text: concat(note.text, bytesOf('more\n')) };
  expect(await isLogSignature(other, line, parseVkey(PETER))).toBe(false);
});

test('what sum.golang.org said of itself is a checkpoint and signed', async () => {
  const key = parseVkey('sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8');
  const data = bytesOf(
    'go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n' +
      '— sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n',
  );
  const { origin, size, note } = parseCheckpoint(data);
  expect([origin, size]).toEqual(['go.sum database tree', 65209736]);
  expect(await isLogSignature(note, note.signatures[0] as NoteSignature, key)).toBe(true);
});

test.each([
  ['no signature', noteOf()],
  ['no empty line', bytesOf(`text\n${LINE}`)],
  ['no newline at the end', noteOf(LINE.trimEnd())],
  ['a blank in the name', noteOf(LINE.replace('PeterNeumann', 'Bad Name'))],
  ['a plus in the name', noteOf(LINE.replace('PeterNeumann', 'Bad+Name'))],
  ['a wide blank in the name', noteOf(LINE.replace('PeterNeumann', 'Bad\u2003Name'))],
  ['no name', noteOf(LINE.replace('PeterNeumann', ''))],
  ['a hyphen for the dash', noteOf(LINE.replace('—', '-'))],
  ['a key id alone', noteOf('— PeterNeumann x08gow==\n')],
  ['unused bits set', noteOf('— PeterNeumann x08go/Z=\n')],
  ['base64 for addresses', noteOf('— PeterNeumann x08go_Y=\n')],
  ['a carriage return', noteOf(LINE.replace('\n', '\r\n'))],
  ['a hundred and one signatures', noteOf(LINE.repeat(101))],
  ['bytes that are not UTF-8', concat(new Uint8Array([0xff]), noteOf(LINE))],
])('a note with %s is refused', (_, data) => {
  expect(() => parseNote(data)).toThrow();
});

test('a verifier key has one writing and its own id', () => {
  expect(vkeyText(parseVkey(PETER))).toBe(PETER);
  for (const bad of [
    PETER.replace('c74f20a3', 'C74F20A3'),
    PETER.replace('c74f20a3', 'c74f20a4'),
    PETER.replace('Peter', 'Paul'),
    PETER.replace('Peter', 'Pe ter'),
    'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    PETER.slice(0, -4),
    'PeterNeumann',
  ]) {
    expect(() => parseVkey(bad)).toThrow();
  }
});

test('public witnesses have cosigned a checkpoint of a public test log', async () => {
  const note = parseNote(
    bytesOf(
      'arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n' +
        '— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n',
    ),
  );
  const key = parseVkey('remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2');
  const line = note.signatures[0] as NoteSignature;
  expect(isBy(line, key)).toBe(true);
  expect(await cosignedAt(note, line, key)).toBe(0x6a122120);
  const late = line.signature.slice();
  late[7] = (late[7] as number) + 1;
  expect(await cosignedAt(note, { ...line, signature: late }, key)).toBeNull();
  expect(await cosignedAt(note, { ...line, signature: line.signature.slice(1) }, key)).toBeNull();
});

test.each(['01', '-1', '1.0', '', ' 1', '9007199254740992', '99999999999999999', '１'])(
  '%s is not the writing of a size',
  (text) => expect(() => parseDecimal(text)).toThrow(),
);

test('a proof is its lines, an empty line and a checkpoint', () => {
  const hash = `${'A'.repeat(43)}=`;
  const note = `log\n5\n${hash}\n\n${LINE}`;
  const proof = parseProof(bytesOf(`c2sp.org/tlog-proof@v1\nindex 3\n${hash}\n\n${note}`));
  expect([proof.index, proof.hashes.length, proof.hasExtra]).toEqual([3, 1, false]);
  expect(textOf(proof.checkpoint)).toBe(note);
  expect(parseProof(bytesOf(`c2sp.org/tlog-proof@v1\nextra AAAA\nindex 3\n\n${note}`)).hasExtra).toBe(true);
  for (const bad of [
    `c2sp.org/tlog-proof@v2\nindex 3\n\n${note}`,
    `c2sp.org/tlog-proof@v1\nindex 03\n\n${note}`,
    `c2sp.org/tlog-proof@v1\n\n${note}`,
    `c2sp.org/tlog-proof@v1\nindex 3\n${hash.slice(4)}\n\n${note}`,
    `c2sp.org/tlog-proof@v1\nindex 3\n${`${hash}\n`.repeat(64)}\n${note}`,
    `c2sp.org/tlog-proof@v1\nindex 3\n\nlog\n5\n\n${LINE}`,
  ]) {
    expect(() => parseProof(bytesOf(bad))).toThrow();
  }
});
