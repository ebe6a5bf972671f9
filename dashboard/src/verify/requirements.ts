import { activeItems, isFinal, type CustodyState, type ItemState, type Offer } from './state.ts';
import type { Statement } from './statement.ts';

/** What rules have in common: who must hold, which items are meant, which offer is answered. */

/** A statement contradicts what is on record. */
export class Conflict extends Error {}

export function conflict(sentence: string): never {
  throw new Conflict(sentence);
}

/** What is signed and the hash of its bytes, which is the statement's name before it has a place. */
export interface Said {
  statement: Statement;
  hash: string;
}

export const isSameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((each) => b.has(each));

export const listed = (items: Iterable<string>): string => [...items].sort().join(', ');

/** The open offer that the statement answers. */
export function openOffer(state: CustodyState, statement: Statement, verb: string): Offer {
  const { offer } = state;
  const { order, to } = statement;
  if (!offer) {
    return conflict(`${order} is held by ${state.holder}, not on offer; ${to} cannot ${verb} it.`);
  }
  if (to !== offer.receiver) conflict(`${order} is offered to ${offer.receiver}, not to ${to}.`);
  if (statement.from !== null && statement.from !== offer.giver) {
    conflict(`${order} is offered by ${offer.giver}, not by ${statement.from}.`);
  }
  if (statement.answers !== offer.statement) {
    conflict(`${to} answers another offer than the one that is open.`);
  }
  mustKnow(state, statement);
  if (statement.items.length > 0 && !isSameSet(new Set(statement.items), offer.items)) {
    conflict(`The offer is for ${listed(offer.items)}; accept or refuse all of it.`);
  }
  return offer;
}

/** Refuse unless the giver holds the order's items. */
export function mustHold(state: CustodyState, { order, from }: Statement, verb: string): void {
  if (from !== state.holder) conflict(`${order} is held by ${state.holder}; ${from} cannot ${verb}.`);
}

/** Refuse items that were not commissioned for the order. */
export function mustKnow(state: CustodyState, { order, items }: Statement): void {
  const unknown = items.filter((item) => !state.items.has(item));
  if (unknown.length > 0) conflict(`Not commissioned for ${order}: ${listed(unknown)}.`);
}

/** The items that the statement is about, none of them final. */
export function chosen(state: CustodyState, statement: Statement): ReadonlySet<string> {
  mustKnow(state, statement);
  for (const item of statement.items) {
    const now = state.items.get(item);
    if (isFinal(now)) conflict(`${item} is ${now}, which is final.`);
  }
  const items = statement.items.length > 0 ? new Set(statement.items) : activeItems(state);
  if (items.size === 0) conflict(`Every item of ${statement.order} is infused or wasted.`);
  return items;
}

/** Refuse items that were sent back, whatever happened to them since. */
export function mustNotBeReturned(
  { returned }: CustodyState,
  items: ReadonlySet<string>,
  done: string,
): void {
  const gone = [...items].filter((item) => returned.has(item));
  if (gone.length > 0) conflict(`Returned, so not to be ${done}: ${listed(gone)}.`);
}

/** Refuse while an offer of the items is neither accepted nor refused. */
export function mustNotBeOffered({ offer }: CustodyState, { order }: Statement, done: string): void {
  if (offer) conflict(`${order} is offered to ${offer.receiver}, so not to be ${done}.`);
}

/** Refuse numbers that are not those of the packing, unless the statement says why. */
export function mustMatch({ packing }: CustodyState, statement: Statement): void {
  if (!packing || (statement.reason ?? statement.remarks) !== null) return;
  const { shipper, waybill, seals } = statement;
  if (shipper !== null && shipper !== packing.shipper) {
    conflict(`The shipper is ${shipper}; packed was ${packing.shipper}.`);
  }
  if (waybill !== null && packing.waybill !== null && waybill !== packing.waybill) {
    conflict(`The waybill is ${waybill}; packed under was ${packing.waybill}.`);
  }
  const differ = !isSameSet(new Set(seals), packing.seals);
  if (seals.length > 0 && packing.seals.size > 0 && differ) {
    conflict(`The seals are ${listed(seals)}; closed with was ${listed(packing.seals)}.`);
  }
}

/** The state with the items in their new state. */
export function became(
  state: CustodyState,
  items: ReadonlySet<string>,
  now: ItemState,
): CustodyState {
  const changed = new Map(state.items);
  for (const item of items) changed.set(item, now);
  return { ...state, items: changed };
}

export function without(all: ReadonlySet<string>, gone: Iterable<string>): ReadonlySet<string> {
  const left = new Set(all);
  for (const each of gone) left.delete(each);
  return left;
}

export const together = (all: ReadonlySet<string>, more: Iterable<string>): ReadonlySet<string> =>
  new Set([...all, ...more]);
