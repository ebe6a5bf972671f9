import { fetchBoard } from '../api/client';
import { describe, type Failure } from '../api/failure';
import type { Alert, Board, ShipmentRow } from '../api/types';
import { isNewCritical, patchBoard, sortAlerts, sortShipments } from '../live/patch';
import type { LiveMessage } from '../live/stream';
import { live } from './live.svelte';
import { asked } from './session.svelte';

type Change = { shipment: ShipmentRow } | { alert: Alert };

/** Changes are shown together, so that a storm of messages is one redraw. */
const TOGETHER_MS = 100;
const RETRY_MS = 5000;

/** The board as it is now: one snapshot, then changes from the stream. */
class BoardState {
  board = $state.raw<Board | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** The last critical alert that opened while this page was open, until seen. */
  news = $state.raw<Alert | null>(null);
  alerts = $derived(sortAlerts(this.board?.alerts ?? []));
  shipments = $derived(sortShipments(this.board?.shipments ?? []));
  waiting = $derived(this.alerts.filter((alert) => alert.state === 'open').length);

  private loading = false;
  private again = false;
  private queue: Change[] = [];
  private flush: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private unlisten: (() => void) | undefined;

  start(): void {
    this.unlisten = live.listen((message) => this.receive(message));
    void this.load();
  }

  stop(): void {
    this.unlisten?.();
    clearTimeout(this.flush);
    clearTimeout(this.retry);
    this.queue = [];
    this.board = null;
    this.failure = null;
    this.news = null;
  }

  /** Fetches the snapshot. Changes that come meanwhile wait, and are put on top of it. */
  async load(): Promise<void> {
    if (this.loading) {
      this.again = true;
      return;
    }
    this.loading = true;
    clearTimeout(this.retry);
    try {
      this.board = await asked(fetchBoard());
      this.failure = null;
      live.heard();
    } catch (error) {
      this.failure = describe(error, 'The board');
      if (this.failure.kind !== 'signed-out') {
        this.retry = setTimeout(() => void this.load(), RETRY_MS);
      }
    }
    this.loading = false;
    this.apply();
    if (this.again) {
      this.again = false;
      await this.load();
    }
  }

  /** Puts the server's answer to something done here on the board at once. */
  put(change: Change): void {
    this.queue.push(change);
    this.apply();
  }

  private receive(message: LiveMessage): void {
    if (message.type === 'snapshot-needed') void this.load();
    else if (message.type === 'shipment') this.later({ shipment: message.data as ShipmentRow });
    else if (message.type === 'alert') this.later({ alert: message.data as Alert });
  }

  private later(change: Change): void {
    this.queue.push(change);
    this.flush ??= setTimeout(() => this.apply(), TOGETHER_MS);
  }

  private apply(): void {
    clearTimeout(this.flush);
    this.flush = undefined;
    if (this.loading || this.board === null) return;
    let board = this.board;
    for (const change of this.queue) {
      if ('alert' in change && isNewCritical(board.alerts, change.alert)) this.news = change.alert;
      board = patchBoard(board, change);
    }
    this.queue = [];
    this.board = board;
  }
}

export const board = new BoardState();
