import type { SignedEnvelope } from '../api/types';
import type { Kind } from './requests';
import type { DeviceKey } from './signing';

/** What this browser keeps: keys, and what is signed and not sent yet (IndexedDB). */

export interface Unsent {
  /** Id of the statement. */
  id: string;
  user: string;
  kind: Kind;
  envelope: SignedEnvelope;
  /** What it is, in a few words. */
  title: string;
  signedAt: string;
  /** Why the server did not take it; null while it could not be asked. */
  refused: string | null;
}

const KEYS = 'keys';
const UNSENT = 'unsent';

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The browser keeps nothing.'));
  });
}

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('unbroken', 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(KEYS, { keyPath: 'id' });
    request.result.createObjectStore(UNSENT, { keyPath: 'id' });
  };
  return answer(request);
}

async function inStore<T>(
  name: string,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  opened ??= open();
  const database = await opened;
  const transaction = database.transaction(name, mode);
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The browser kept nothing.'));
  });
  const result = await answer(work(transaction.objectStore(name)));
  await done;
  return result;
}

const ofUser = <T extends { user: string }>(all: T[], user: string): T[] =>
  all.filter((one) => one.user === user);

/** Keys that somebody made here, oldest first. */
export async function keysOf(user: string): Promise<DeviceKey[]> {
  const all = (await inStore(KEYS, 'readonly', (store) => store.getAll())) as DeviceKey[];
  return ofUser(all, user).sort((a, b) => a.madeAt.localeCompare(b.madeAt));
}

export const keepKey = (key: DeviceKey): Promise<unknown> =>
  inStore(KEYS, 'readwrite', (store) => store.put(key));

/** Asks the browser not to throw the keys away when space is short; it may say no. */
export async function askToKeep(): Promise<boolean> {
  try {
    return await navigator.storage.persist();
  } catch {
    return false;
  }
}

export async function unsentOf(user: string): Promise<Unsent[]> {
  const all = (await inStore(UNSENT, 'readonly', (store) => store.getAll())) as Unsent[];
  return ofUser(all, user).sort((a, b) => a.signedAt.localeCompare(b.signedAt));
}

export const keepUnsent = (unsent: Unsent): Promise<unknown> =>
  inStore(UNSENT, 'readwrite', (store) => store.put(unsent));

export const dropUnsent = (id: string): Promise<unknown> =>
  inStore(UNSENT, 'readwrite', (store) => store.delete(id));
