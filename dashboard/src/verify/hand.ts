import { base64, bytesOf, concat, isSame, unhex, type Bytes } from './bytes.ts';
import { signedBytes, type Entry } from './entry.ts';
import type { KeyStatement } from './keyStatement.ts';
import { isByHand } from './members.ts';
import { isBy, type Note, type VerifierKey } from './note.ts';
import type { Members } from './zip.ts';

/** The members of a receipt that serve for following it by hand; all derived from the others. */

const SPKI = unhex('302a300506032b6570032100');

const publicPem = (key: Bytes): Bytes =>
  bytesOf(`-----BEGIN PUBLIC KEY-----\n${base64(concat(SPKI, key))}\n-----END PUBLIC KEY-----\n`);

/** Every public key that these entries name, by key id, allowed or not. */
export function namedKeys(keys: readonly Entry<KeyStatement>[]): Map<string, Bytes> {
  return new Map(keys.flatMap(({ said }) => said.keys.map((key) => [key.id, key.public])));
}

function byHand(entry: Entry, keys: ReadonlyMap<string, Bytes>, log: VerifierKey, note: Note): Members {
  const members = new Map<string, Bytes>([
    ['hand/statement.json', entry.envelope.payload],
    ['hand/statement.pae', signedBytes(entry)],
    ['hand/log.pem', publicPem(log.public)],
    ['hand/checkpoint.body', note.text],
  ]);
  entry.envelope.signatures.forEach(({ keyId, signature }, at) => {
    members.set(`hand/signature-${at + 1}.bin`, signature);
    const key = keys.get(keyId);
    if (key) members.set(`hand/signer-${at + 1}.pem`, publicPem(key));
  });
  const line = note.signatures.find((each) => isBy(each, log));
  if (line) members.set('hand/checkpoint.sig', line.signature);
  return members;
}

/** Whether `hand/` is what follows from the other members, and nothing else. */
export function isHandRight(
  members: Members,
  ...from: Parameters<typeof byHand>
): boolean {
  const derived = byHand(...from);
  const found = [...members.keys()].filter(isByHand);
  return (
    found.length === derived.size &&
    found.every((name) => {
      const expected = derived.get(name);
      return expected !== undefined && isSame(expected, members.get(name) as Bytes);
    })
  );
}
