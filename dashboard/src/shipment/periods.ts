import type { Entry } from '../api/types';
import { inOrder } from './custodyLinks';

/** A time in which one party held the product, or owned it; `null` is nobody on record. */
export interface Period {
  party: string | null;
  name: string;
  fromMs: number;
  /** Null: it still is so. */
  toMs: number | null;
  /** The entry that began it. */
  entry: Entry;
}

export interface Lanes {
  held: Period[];
  owned: Period[];
}

/** A title that passes on within this time has only touched its owner. */
const FLASH_MS = 3600 * 1000;

export const NOBODY = 'No holder recorded';

/** When something was: as claimed, and never after it was recorded. */
export const happenedMs = (entry: Entry): number =>
  Math.min(Date.parse(entry.claimed_at), Date.parse(entry.recorded_at));

/** Who held and who owned an order's items, one after another, as its entries say. */
export function lanesOf(entries: readonly Entry[]): Lanes {
  const held: Period[] = [];
  const owned: Period[] = [];
  const left = new Set<string>();
  for (const entry of inOrder(entries)) {
    if (entry.conflict) continue;
    if (entry.kind === 'commission') {
      for (const item of entry.items) left.add(item);
      begin(held, entry, entry.from, entry.from_name);
      begin(owned, entry, entry.from, entry.from_name);
    } else if (entry.kind === 'accept') {
      // A record that begins in the middle: the giver held it, since when is not said.
      if (held.length === 0 && entry.from) begin(held, entry, entry.from, entry.from_name);
      const holder = held.at(-1)?.party;
      if (holder && entry.from && holder !== entry.from) begin(held, entry, null, NOBODY);
      begin(held, entry, entry.to, entry.to_name);
    } else if (entry.kind === 'transfer_title') {
      if (owned.length === 0) begin(owned, entry, entry.from, entry.from_name);
      begin(owned, entry, entry.to, entry.to_name);
    } else if (entry.kind === 'infuse' || entry.kind === 'waste') {
      useUp(left, entry, held, owned);
    }
  }
  return { held, owned };
}

function begin(lane: Period[], entry: Entry, party: string | null, name: string | null): void {
  const at = Math.max(happenedMs(entry), lane.at(-1)?.fromMs ?? -Infinity);
  const last = lane.at(-1);
  if (last && last.toMs === null) last.toMs = at;
  lane.push({ party, name: name ?? party ?? NOBODY, fromMs: at, toMs: null, entry });
}

/** When nothing is left of the items, nobody holds or owns any more. */
function useUp(left: Set<string>, entry: Entry, ...lanes: Period[][]): void {
  for (const item of entry.items.length > 0 ? entry.items : [...left]) left.delete(item);
  if (left.size > 0) return;
  for (const lane of lanes) {
    const last = lane.at(-1);
    if (last && last.toMs === null) last.toMs = Math.max(last.fromMs, happenedMs(entry));
  }
}

export const lengthS = (period: Period, nowMs: number): number =>
  Math.max(0, ((period.toMs ?? nowMs) - period.fromMs) / 1000);

/** A title that was owned only in passing: between two other owners, for less than an hour. */
export const isFlash = (period: Period, lane: readonly Period[]): boolean =>
  period.toMs !== null &&
  lane.indexOf(period) > 0 &&
  lane.at(-1) !== period &&
  period.toMs - period.fromMs < FLASH_MS;

/** One letter for each party, in the order in which they appear: told by more than colour. */
export function letters(lanes: Lanes): Map<string, string> {
  const found = new Map<string, string>();
  for (const { party } of [...lanes.held, ...lanes.owned].toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (party !== null && !found.has(party)) {
      found.set(party, String.fromCharCode(65 + (found.size % 26)));
    }
  }
  return found;
}
