import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { LiveStream, type LiveMessage, type Source } from './stream';

/** The server's end of the wire. */
class Wire implements Source {
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();

  addEventListener(type: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  say(type: string, data: string): void {
    this.listeners.get(type)?.({ data });
  }
}

function listening() {
  const wires: Wire[] = [];
  const heard: LiveMessage[] = [];
  const counts = { opened: 0, alive: 0, lost: 0 };
  const stream = new LiveStream(
    () => {
      const wire = new Wire();
      wires.push(wire);
      return wire;
    },
    {
      opened: () => (counts.opened += 1),
      alive: () => (counts.alive += 1),
      lost: () => (counts.lost += 1),
      message: (message) => heard.push(message),
    },
  );
  stream.start();
  return { stream, wires, heard, counts };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a heartbeat is proof of life', () => {
  const { wires, counts } = listening();
  wires[0]?.say('heartbeat', '{"at":"2026-11-21T12:00:00Z"}');
  expect(counts.alive).toBe(1);
});

test('an open connection that says nothing is no proof of life', () => {
  const { wires, counts } = listening();
  wires[0]?.onopen?.();
  expect(counts).toEqual({ opened: 1, alive: 0, lost: 0 });
});

test('a message is told parsed', () => {
  const { wires, heard } = listening();
  wires[0]?.say('shipment', '{"code":"U-1"}');
  expect(heard).toEqual([{ type: 'shipment', data: { code: 'U-1' } }]);
});

test('a broken message asks for a fresh snapshot', () => {
  const { wires, heard } = listening();
  wires[0]?.say('shipment', '{"code":');
  expect(heard).toEqual([{ type: 'snapshot-needed', data: null }]);
});

test('a lost stream is opened again, with growing pauses', () => {
  const { wires, counts } = listening();
  wires[0]?.onerror?.();
  expect(wires[0]?.closed).toBe(true);
  vi.advanceTimersByTime(1000);
  expect(wires).toHaveLength(2);
  wires[1]?.onerror?.();
  vi.advanceTimersByTime(1000);
  expect(wires).toHaveLength(2);
  vi.advanceTimersByTime(1000);
  expect(wires).toHaveLength(3);
  expect(counts.lost).toBe(2);
});

test('a stream that falls silent without an error is taken for dead', () => {
  const { wires, counts } = listening();
  wires[0]?.onopen?.();
  vi.advanceTimersByTime(19_000);
  wires[0]?.say('heartbeat', '{}');
  vi.advanceTimersByTime(19_000);
  expect(counts.lost).toBe(0);
  vi.advanceTimersByTime(2000);
  expect(counts.lost).toBe(1);
  expect(wires[0]?.closed).toBe(true);
});

test('a stopped stream stays stopped', () => {
  const { stream, wires } = listening();
  stream.stop();
  vi.advanceTimersByTime(120_000);
  expect(wires).toHaveLength(1);
});
