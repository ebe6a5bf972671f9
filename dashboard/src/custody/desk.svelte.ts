import { Answered } from '../api/client';
import { describe, type Failure } from '../api/failure';
import type { KeysHead, Session, SignedEnvelope, SignedStatement, SigningKey } from '../api/types';
import { asked } from '../state/session.svelte';
import { keysOf, type Unsent } from './drawer';
import { fetchKeys, fetchKeysHead, fetchStatement, fetchWaiting, type Kind } from './requests';
import { dispatch, dispatchAgain, type Sent } from './sending';
import { canSign, readEnvelope, sign, type DeviceKey, type Written } from './signing';
import { standingOf, type Standing } from './standing';

export interface OwnKey {
  key: DeviceKey;
  standing: Standing;
}

/** What somebody can sign with on this device, and what waits for their signature. */
export class Desk {
  /** Whether this browser can sign; null until it was tried. */
  able = $state<boolean | null>(null);
  head = $state.raw<KeysHead | null>(null);
  keys = $state.raw<SigningKey[]>([]);
  own = $state.raw<OwnKey[]>([]);
  waiting = $state.raw<SignedStatement[]>([]);
  unsent = $state.raw<Unsent[]>([]);
  failure = $state.raw<Failure | null>(null);

  /** The key that signs, and what the ledger says of it. */
  ready = $derived.by(() => {
    for (const { key, standing } of this.own.toReversed()) {
      if (standing.state === 'enrolled') return { key, record: standing.record };
    }
    return null;
  });

  constructor(readonly user: Session) {}

  async load(): Promise<void> {
    try {
      this.able ??= await canSign();
      this.unsent = this.able ? await dispatchAgain(this.user.username) : [];
      const [head, waiting] = await asked(Promise.all([fetchKeysHead(), fetchWaiting()]));
      const keys = head.hash === this.head?.hash ? this.keys : await asked(fetchKeys());
      this.own = this.able ? await this.standings(keys) : [];
      [this.keys, this.head, this.waiting] = [keys, head, waiting];
      this.failure = null;
    } catch (error) {
      this.failure = describe(error, 'Your signing key');
    }
  }

  /** Signs with the key that counts, and sends it. */
  async send(kind: Kind, id: string, written: Written, title: string): Promise<Sent> {
    if (!this.ready) throw new Error('There is no key to sign with.');
    return this.dispatch(kind, id, await sign(written, this.ready.key), title);
  }

  async dispatch(kind: Kind, id: string, envelope: SignedEnvelope, title: string): Promise<Sent> {
    return asked(dispatch({ id, user: this.user.username, kind, envelope, title }));
  }

  /** Adds the own signature to what others signed: to the very bytes that were read and shown. */
  async join(statement: SignedStatement, title: string): Promise<Sent> {
    const { written, said } = readEnvelope(statement.envelope);
    const kind: Kind = said.type === 'key' ? 'key-statements' : 'statements';
    return this.send(kind, statement.id, written, title);
  }

  private async standings(keys: SigningKey[]): Promise<OwnKey[]> {
    const own = await keysOf(this.user.username);
    return Promise.all(
      own.map(async (key) => {
        const enrolled = keys.some((one) => one.key === key.id);
        const statement = enrolled || !key.asked ? null : await found(key.asked);
        return { key, standing: standingOf(key, keys, statement) };
      }),
    );
  }
}

/** A statement, or null when the server does not have it (any more). */
async function found(id: string): Promise<SignedStatement | null> {
  try {
    return await fetchStatement(id);
  } catch (error) {
    if (error instanceof Answered && error.status === 404) return null;
    throw error;
  }
}
