import { send } from '../api/client';
import type {
  Awaiting, Custody, KeysHead, PartyRef, Recorded, SignedEnvelope, SignedStatement, SigningKey,
} from '../api/types';

/** What signing asks of the server; beside `api/client.ts`, so that the first view has not to load it. */

const code = encodeURIComponent;

/** Where signed bytes go: about custody, or about keys. */
export type Kind = 'statements' | 'key-statements';

export const fetchKeys = (): Promise<SigningKey[]> => send('GET', '/keys');

export const fetchKeysHead = (): Promise<KeysHead> => send('GET', '/keys/head');

export const fetchCustody = (order: string): Promise<Custody> =>
  send('GET', `/orders/${code(order)}/custody`);

export const fetchParties = (): Promise<PartyRef[]> => send('GET', '/parties');

export const fetchSites = (): Promise<{ gln: string; name: string; party_id: string | null }[]> =>
  send('GET', '/sites');

/** Statements that wait for the signature of whoever is signed in, oldest first. */
export const fetchWaiting = (): Promise<SignedStatement[]> => send('GET', '/statements?awaiting=me');

export const fetchStatement = (id: string): Promise<SignedStatement> =>
  send('GET', `/statements/${code(id)}`);

export const putEnvelope = (
  kind: Kind,
  id: string,
  envelope: SignedEnvelope,
): Promise<Recorded | Awaiting> => send('PUT', `/${kind}/${code(id)}`, envelope);

/** Take back what waits for a signature: nothing of it is recorded. */
export const withdraw = (id: string): Promise<void> => send('DELETE', `/statements/${code(id)}`);
