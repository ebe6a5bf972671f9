import { ageSeconds, freshness, type Moment } from '../live/age';
import { LiveStream, type LiveMessage, type Source } from '../live/stream';
import { clock } from './clock.svelte';
import { session } from './session.svelte';

type Listener = (message: LiveMessage) => void;

const present = (): Moment => ({ wallMs: Date.now(), monoMs: performance.now() });

/** The stream, its age, and who listens to it. */
class Live {
  private lastHeard = $state.raw<Moment | null>(null);
  connected = $state(false);
  age = $derived.by(() => {
    if (this.lastHeard === null) return null;
    return ageSeconds(this.lastHeard, { wallMs: clock.nowMs, monoMs: clock.monoMs });
  });
  freshness = $derived(freshness(this.age));

  private readonly listeners = new Set<Listener>();
  private readonly stream = new LiveStream(
    () => new EventSource('/api/v1/events') as unknown as Source,
    {
      opened: () => {
        this.connected = true;
        this.tell({ type: 'snapshot-needed', data: null });
      },
      message: (message) => this.tell(message),
      alive: () => this.heard(),
      lost: () => {
        this.connected = false;
        // EventSource does not say why it was refused; the session does.
        void session.ask();
      },
    },
  );

  start(): void {
    this.stream.start();
  }

  stop(): void {
    this.stream.stop();
    this.connected = false;
    this.lastHeard = null;
  }

  /** The server has just told how things are, by the stream or by a snapshot. */
  heard(): void {
    this.lastHeard = present();
  }

  /** Calls `listener` with every message until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(message: LiveMessage): void {
    for (const listener of this.listeners) listener(message);
  }
}

export const live = new Live();
