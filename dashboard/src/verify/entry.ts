import { hex, refuse, type Bytes } from './bytes.ts';
import { decodeObject } from './canonical.ts';
import { envelopeOf, payloadOf, preAuthenticationEncoding, type Envelope } from './envelope.ts';
import * as form from './form.ts';
import type { KeyStatement } from './keyStatement.ts';
import { leafHash } from './merkle.ts';
import type { Statement } from './statement.ts';

/** One line of the ledger: signed bytes with their place in their order and in the log. */
export interface Entry<Said = Statement | KeyStatement> {
  index: number;
  order: string;
  sequence: number;
  previous: string;
  keys: string;
  recordedAt: string;
  conflictWith: string | null;
  envelope: Envelope;
  said: Said;
  /** Its leaf in the log, and `previous` of the chain's next entry, hexadecimal. */
  hash: string;
  leaf: Bytes;
}

const FIELDS = [
  'v', 'index', 'order', 'order_sequence', 'previous', 'keys', 'recorded_at', 'conflict_with',
  'envelope',
] as const;

/** The entry whose canonical bytes these are, with what it says. */
export function parseEntry(bytes: Uint8Array): Entry {
  const fields = decodeObject(bytes, FIELDS);
  if (fields['v'] !== 2) refuse('This is not version 2 of an entry.');
  const envelope = envelopeOf(fields['envelope']);
  const leaf = leafHash(bytes);
  return {
    index: form.whole(fields['index'], 0),
    order: form.text(fields['order']),
    sequence: form.whole(fields['order_sequence'], 1),
    previous: form.hashHex(fields['previous']),
    keys: form.hashHex(fields['keys']),
    recordedAt: form.utcMillis(fields['recorded_at']),
    conflictWith: form.optional(fields['conflict_with'], form.hashHex),
    envelope,
    said: payloadOf(envelope),
    hash: hex(leaf),
    leaf,
  };
}

/** What the signatures of an entry are made over. */
export const signedBytes = ({ envelope }: Entry): Bytes =>
  preAuthenticationEncoding(envelope.payloadType, envelope.payload);
