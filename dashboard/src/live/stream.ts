/** A message of the event stream, parsed. */
export interface LiveMessage {
  type: 'shipment' | 'alert' | 'entry' | 'quarantine' | 'heartbeat' | 'snapshot-needed';
  data: unknown;
}

const TYPES: LiveMessage['type'][] = [
  'shipment',
  'alert',
  'entry',
  'quarantine',
  'heartbeat',
  'snapshot-needed',
];

/** A stream that has said nothing for so long is taken for dead, whatever the browser believes. */
const DEAD_AFTER_MS = 20_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;

/** What the stream needs of the browser's EventSource, so that a test can be the server. */
export interface Source {
  readyState: number;
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  addEventListener(type: string, listener: (event: { data: string }) => void): void;
  close(): void;
}

export interface StreamEvents {
  /** Connected, again or for the first time: what happened before is unknown. */
  opened(): void;
  message(message: LiveMessage): void;
  /** Bytes came: the server lives. */
  alive(): void;
  /** The connection was refused or lost. */
  lost(): void;
}

/**
 * The one event stream of this page. It reconnects for ever, with growing pauses; a new
 * connection of our own has no `Last-Event-ID`, so `opened` always asks for a fresh snapshot.
 */
export class LiveStream {
  private source: Source | null = null;
  private retryMs = FIRST_RETRY_MS;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly open: () => Source,
    private readonly events: StreamEvents,
  ) {}

  start(): void {
    this.stop();
    const source = this.open();
    this.source = source;
    source.onopen = () => {
      // Open is not yet news: only a message, or the snapshot it leads to, makes the page younger.
      this.retryMs = FIRST_RETRY_MS;
      this.watch();
      this.events.opened();
    };
    source.onerror = () => this.again();
    for (const type of TYPES) {
      source.addEventListener(type, (event) => this.receive(type, event.data));
    }
    this.watch();
  }

  stop(): void {
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    this.source?.close();
    this.source = null;
  }

  private receive(type: LiveMessage['type'], text: string): void {
    this.heard();
    let data: unknown;
    try {
      data = text ? JSON.parse(text) : null;
    } catch {
      // Half a message is a reason to look at everything anew, not to guess.
      this.events.message({ type: 'snapshot-needed', data: null });
      return;
    }
    this.events.message({ type, data });
  }

  private heard(): void {
    this.events.alive();
    this.watch();
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.again(), DEAD_AFTER_MS);
  }

  private again(): void {
    this.stop();
    this.events.lost();
    this.retry = setTimeout(() => this.start(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }
}
