import { bytesOf, concat, refuse, unbase64, type Bytes } from './bytes.ts';
import { objectWith, type Json } from './canonical.ts';
import { text } from './form.ts';
import { parseKeyStatement, type KeyStatement } from './keyStatement.ts';
import { parseStatement, type Statement } from './statement.ts';

/** The envelope around signed bytes (DSSE v1.0). */

export const STATEMENT_TYPE = 'application/vnd.unbroken.statement+json;v=2';
export const KEY_STATEMENT_TYPE = 'application/vnd.unbroken.key+json;v=1';

export interface Signature {
  keyId: string;
  signature: Bytes;
}

export interface Envelope {
  payloadType: string;
  payload: Bytes;
  signatures: readonly Signature[];
}

/** PAE(type, body): what a signature is made over. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Bytes {
  const kind = bytesOf(payloadType);
  const head = bytesOf(`DSSEv1 ${kind.length} ${payloadType} ${payload.length} `);
  return concat(head, payload);
}

export function envelopeOf(value: Json | undefined): Envelope {
  const fields = objectWith(value, ['payload', 'payloadType', 'signatures']);
  const signatures = fields['signatures'];
  if (!Array.isArray(signatures)) return refuse('A list of signatures is expected here.');
  return {
    payload: unbase64(text(fields['payload'])),
    payloadType: text(fields['payloadType']),
    signatures: signatures.map(signatureOf),
  };
}

function signatureOf(value: Json): Signature {
  const fields = objectWith(value, ['keyid', 'sig']);
  const signature = unbase64(text(fields['sig']));
  if (signature.length !== 64) refuse('A signature is not of 64 bytes, as Ed25519 makes them.');
  return { keyId: text(fields['keyid']), signature };
}

/** What an envelope holds, its signatures being those of its signers, one each, in their order. */
export function payloadOf(envelope: Envelope): Statement | KeyStatement {
  const said = parsePayload(envelope);
  const { signatures } = envelope;
  const named = said.signers.every(({ key }, at) => key === signatures[at]?.keyId);
  if (signatures.length !== said.signers.length || !named) {
    refuse('The signatures are not those of the signers, one each, in their order.');
  }
  return said;
}

function parsePayload({ payloadType, payload }: Envelope): Statement | KeyStatement {
  if (payloadType === STATEMENT_TYPE) return parseStatement(payload);
  if (payloadType === KEY_STATEMENT_TYPE) return parseKeyStatement(payload);
  return refuse(`${payloadType} is not a known kind of signed bytes.`);
}
