import { refuse, unhex, type Bytes } from './bytes.ts';
import { decodeObject, objectWith, type Json } from './canonical.ts';
import { keyId } from './ed25519.ts';
import * as form from './form.ts';
import { seenOf, signerOf, type Seen, type Signer } from './statement.ts';

/** What is asserted about signing keys (schemas/key_statement.py). */

const KINDS = ['found_keys', 'enrol_key', 'rotate_key', 'revoke_key'] as const;

export interface Key {
  id: string;
  public: Bytes;
  user: string;
  name: string;
  party: string | null;
  approver: boolean;
}

export interface KeyStatement {
  type: 'key';
  log: string;
  kind: (typeof KINDS)[number];
  keys: readonly Key[];
  revokes: readonly string[];
  suspectSince: string | null;
  claimedAt: string;
  signers: readonly Signer[];
  seen: Seen | null;
  reason: string | null;
}

const FIELDS = [
  'v', 'log', 'id', 'kind', 'keys', 'revokes', 'suspect_since', 'claimed_at', 'signers', 'seen',
  'reason',
] as const;

/** The key statement whose canonical bytes these are. */
export function parseKeyStatement(bytes: Uint8Array): KeyStatement {
  const fields = decodeObject(bytes, FIELDS);
  if (fields['v'] !== 1) refuse('This is not version 1 of a statement about keys.');
  form.statementId(fields['id']);
  const statement: KeyStatement = {
    type: 'key',
    log: form.identifier(fields['log']),
    kind: form.oneOf(fields['kind'], KINDS),
    keys: form.list(fields['keys'], keyOf, { most: 32 }),
    revokes: form.list(fields['revokes'], form.hashHex, { most: 32 }),
    suspectSince: form.optional(fields['suspect_since'], form.utcMillis),
    claimedAt: form.utcMillis(fields['claimed_at']),
    signers: form.list(fields['signers'], signerOf(['approver', 'holder']), { least: 1, most: 64 }),
    seen: form.optional(fields['seen'], seenOf),
    reason: form.optional(fields['reason'], form.words),
  };
  checkKind(statement);
  form.distinct(statement.keys.map(({ id }) => id));
  form.distinct(statement.keys.map(({ user }) => user));
  form.distinct(statement.signers.map(({ key }) => key));
  form.distinct(statement.revokes);
  return statement;
}

function keyOf(value: Json | undefined): Key {
  const fields = objectWith(value, ['public', 'user', 'name', 'party', 'approver']);
  const publicKey = unhex(form.hashHex(fields['public']));
  return {
    id: keyId(publicKey),
    public: publicKey,
    user: form.identifier(fields['user']),
    name: form.printedName(fields['name']),
    party: form.optional(fields['party'], form.identifier),
    approver: form.oneOf(fields['approver'], ['yes', 'no']) === 'yes',
  };
}

function checkKind({ kind, keys, revokes, reason }: KeyStatement): void {
  const revoking = kind === 'rotate_key' || kind === 'revoke_key';
  if (revokes.length > 0 !== revoking) refuse('Only a rotation or revocation revokes keys.');
  if (keys.length > 0 === (kind === 'revoke_key')) refuse('All but a revocation bring keys.');
  if (revoking && reason === null) refuse('A rotation or revocation needs a reason.');
}
