import type { SignedEnvelope } from '../api/types';
import { base64, hex, unbase64, type Bytes } from '../verify/bytes.ts';
import { encode, type JsonObject } from '../verify/canonical.ts';
import { keyId } from '../verify/ed25519.ts';
import {
  KEY_STATEMENT_TYPE, preAuthenticationEncoding, STATEMENT_TYPE,
} from '../verify/envelope.ts';
import { parseKeyStatement, type KeyStatement } from '../verify/keyStatement.ts';
import { parseStatement, type Statement } from '../verify/statement.ts';

/** Keys of this device, and signatures by them. A private key never leaves the browser. */

export interface DeviceKey {
  /** SHA-256 of the public key, hexadecimal. */
  id: string;
  /** Of whom: the user name. One device may be used by several people. */
  user: string;
  public: string;
  privateKey: CryptoKey;
  madeAt: string;
  /** Id of the statement by which it was asked to be let in, if it was. */
  asked: string | null;
}

/** A new key pair, whose private half the browser gives to nobody, not even to this page. */
export async function newKey(user: string): Promise<DeviceKey> {
  const pair = (await crypto.subtle.generateKey('Ed25519', false, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return {
    id: keyId(publicKey),
    user,
    public: hex(publicKey),
    privateKey: pair.privateKey,
    madeAt: new Date().toISOString(),
    asked: null,
  };
}

/** Whether this browser can sign at all. */
export async function canSign(): Promise<boolean> {
  try {
    const { privateKey } = await newKey('');
    await crypto.subtle.sign('Ed25519', privateKey, new Uint8Array(1));
    return 'indexedDB' in globalThis;
  } catch {
    return false;
  }
}

export interface Written {
  payloadType: string;
  payload: Bytes;
}

/** The bytes of a statement; read back first, so that nobody signs what no verifier takes. */
export function writeStatement(fields: JsonObject): Written {
  const payload = encode(fields);
  parseStatement(payload);
  return { payloadType: STATEMENT_TYPE, payload };
}

export function writeKeyStatement(fields: JsonObject): Written {
  const payload = encode(fields);
  parseKeyStatement(payload);
  return { payloadType: KEY_STATEMENT_TYPE, payload };
}

/** The envelope with the signature of one key. */
export async function sign(written: Written, key: DeviceKey): Promise<SignedEnvelope> {
  const message = preAuthenticationEncoding(written.payloadType, written.payload);
  const signature = await crypto.subtle.sign('Ed25519', key.privateKey, message);
  return {
    payload: base64(written.payload),
    payloadType: written.payloadType,
    signatures: [{ keyid: key.id, sig: base64(new Uint8Array(signature)) }],
  };
}

/** What an envelope says, read as strictly as the verifier reads it. */
export function readEnvelope(envelope: SignedEnvelope): { written: Written; said: Statement | KeyStatement } {
  const written = { payloadType: envelope.payloadType, payload: unbase64(envelope.payload) };
  const read = written.payloadType === KEY_STATEMENT_TYPE ? parseKeyStatement : parseStatement;
  return { written, said: read(written.payload) };
}
