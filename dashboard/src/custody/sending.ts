import { Answered, Unreachable } from '../api/client';
import type { Awaiting, Recorded, SignedEnvelope } from '../api/types';
import { dropUnsent, keepUnsent, unsentOf, type Unsent } from './drawer';
import { putEnvelope, type Kind } from './requests';

/** What became of something signed. */
export type Sent = Recorded | Awaiting | { state: 'unsent' };

/** Whether the server may take it later as it is: it was not asked, was busy, or did not know us. */
function mayTryAgain(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  return error instanceof Answered && (error.status >= 500 || [401, 429].includes(error.status));
}

export interface Parcel {
  id: string;
  user: string;
  kind: Kind;
  envelope: SignedEnvelope;
  title: string;
}

/**
 * Sends something signed. It is kept before it is sent, so that a lost network, or a page closed
 * too early, loses no signature; sending twice records once.
 */
export async function dispatch(parcel: Parcel): Promise<Sent> {
  const unsent: Unsent = { ...parcel, signedAt: new Date().toISOString(), refused: null };
  await keepUnsent(unsent);
  try {
    const answer = await putEnvelope(parcel.kind, parcel.id, parcel.envelope);
    await dropUnsent(parcel.id);
    return answer;
  } catch (error) {
    if (mayTryAgain(error)) return { state: 'unsent' };
    await dropUnsent(parcel.id);
    throw error;
  }
}

/** Sends again what could not be sent, and returns what is left. */
export async function dispatchAgain(user: string): Promise<Unsent[]> {
  for (const unsent of await unsentOf(user)) {
    if (unsent.refused !== null) continue;
    try {
      await putEnvelope(unsent.kind, unsent.id, unsent.envelope);
      await dropUnsent(unsent.id);
    } catch (error) {
      if (mayTryAgain(error)) break;
      if (!(error instanceof Answered)) throw error;
      await keepUnsent({ ...unsent, refused: error.message });
    }
  }
  return unsentOf(user);
}
