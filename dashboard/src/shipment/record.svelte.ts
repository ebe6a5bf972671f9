import { fetchEntries, fetchOrderEntries, fetchReadings, fetchShipment } from '../api/client';
import { describe, type Failure } from '../api/failure';
import type { Alert, Entry, Readings, ShipmentDetail, ShipmentRow } from '../api/types';
import type { LiveMessage } from '../live/stream';
import { live } from '../state/live.svelte';
import { asked } from '../state/session.svelte';

const TWELVE_HOURS_MS = 12 * 3600 * 1000;
/** News of this shipment is followed by a fetch, but not more often than this. */
const SETTLE_MS = 2000;
const RETRY_MS = 5000;

export type Range = '12h' | 'all' | { fromS: number; toS: number };

/** Everything known of one shipment, kept fresh while its page is open. */
export class ShipmentRecord {
  detail = $state.raw<ShipmentDetail | null>(null);
  readings = $state.raw<Readings | null>(null);
  entries = $state.raw<Entry[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  readingsFailure = $state.raw<Failure | null>(null);
  entriesFailure = $state.raw<Failure | null>(null);
  range = $state.raw<Range>('12h');
  /** What the readings shown were asked for, unix seconds; null bounds are the readings' own. */
  shown = $state.raw<{ fromS: number; toS: number } | null>(null);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly unlisten: () => void;

  constructor(
    readonly code: string,
    range: Range,
  ) {
    this.range = range;
    this.unlisten = live.listen((message) => this.receive(message));
    void this.load();
  }

  stop(): void {
    this.unlisten();
    clearTimeout(this.timer);
  }

  async load(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const detail = this.loadDetail();
    // When the last twelve hours ended is only known with the shipment.
    if (this.detail === null) await detail;
    await Promise.all([detail, this.loadReadings(), this.loadEntries()]);
    const broken = this.failure ?? this.readingsFailure ?? this.entriesFailure;
    if (broken?.kind === 'offline' || broken?.kind === 'failed') this.later(RETRY_MS);
  }

  async choose(range: Range): Promise<void> {
    this.range = range;
    await this.loadReadings();
  }

  private async loadDetail(): Promise<void> {
    try {
      this.detail = await asked(fetchShipment(this.code));
      this.failure = null;
    } catch (error) {
      this.failure = describe(error, `Shipment ${this.code}`);
    }
  }

  private async loadReadings(): Promise<void> {
    const range = this.range;
    const bounds = this.bounds(range);
    try {
      const readings = await asked(fetchReadings(this.code, bounds));
      if (range !== this.range) return;
      this.readings = readings;
      this.shown = bounds && {
        fromS: bounds.from.getTime() / 1000,
        toS: bounds.to.getTime() / 1000,
      };
      this.readingsFailure = null;
    } catch (error) {
      this.readingsFailure = describe(error, 'The readings');
    }
  }

  private async loadEntries(): Promise<void> {
    try {
      // Custody is the order's: its commissioning names no shipment, and belongs to the record.
      const order = this.detail?.order_code;
      this.entries = await asked(order ? fetchOrderEntries(order) : fetchEntries(this.code));
      this.entriesFailure = null;
    } catch (error) {
      this.entriesFailure = describe(error, 'The custody record');
    }
  }

  /** The last twelve hours end now, or when a finished journey ended. */
  private bounds(range: Range): { from: Date; to: Date } | null {
    if (range === 'all') return null;
    if (range !== '12h') return { from: new Date(range.fromS * 1000), to: new Date(range.toS * 1000) };
    const now = Date.now();
    const over = this.detail?.state === 'delivered' || this.detail?.state === 'closed';
    const last = Date.parse(this.detail?.temp_at ?? '');
    const to = new Date(over && last < now ? last + 1000 : now);
    return { from: new Date(to.getTime() - TWELVE_HOURS_MS), to };
  }

  private receive({ type, data }: LiveMessage): void {
    if (type === 'snapshot-needed') this.later(0);
    else if (type === 'shipment' && (data as ShipmentRow).code === this.code) {
      if (this.detail) this.detail = { ...this.detail, ...(data as ShipmentRow) };
      this.later(SETTLE_MS);
    } else if (type === 'alert' && (data as Alert).shipment === this.code) this.later(SETTLE_MS);
    else if (type === 'entry' && this.concerns(data as Partial<Entry>)) void this.loadEntries();
  }

  private concerns(entry: Partial<Entry> & { order?: string; order_code?: string }): boolean {
    const order = entry.order ?? entry.order_code;
    return entry.shipment === this.code || order === this.detail?.order_code;
  }

  private later(ms: number): void {
    this.timer ??= setTimeout(() => void this.load(), ms);
  }
}
