/** Where an order stands: who holds it, who owns it, what has become of its items. */

export type ItemState = 'commissioned' | 'packed' | 'thawed' | 'returned' | 'infused' | 'wasted';

export interface Offer {
  giver: string;
  receiver: string;
  items: ReadonlySet<string>;
  /** Hash of the statement's bytes; the answer names it. */
  statement: string;
  /** Hash of the entry that recorded it; a correction of it takes the offer back. */
  entry: string | null;
}

export interface Packing {
  shipper: string;
  waybill: string | null;
  seals: ReadonlySet<string>;
}

export interface LegSeal {
  from: string | null;
  until: string;
  entry: string | null;
}

export interface CustodyState {
  holder: string | null;
  owner: string | null;
  offer: Offer | null;
  items: ReadonlyMap<string, ItemState>;
  held: ReadonlySet<string>;
  released: ReadonlySet<string>;
  inTransit: string | null;
  site: string | null;
  coi: string | null;
  packing: Packing | null;
  /** All shippers that the items were ever packed into. */
  packedInto: ReadonlySet<string>;
  /** Shippers that were returned empty and not requalified since. */
  away: ReadonlySet<string>;
  /** Items that were sent back; for ever, whatever became of them since. */
  returned: ReadonlySet<string>;
  /** The last seal over the readings of each leg, by shipment and number of the leg. */
  seals: ReadonlyMap<string, LegSeal>;
  erased: boolean;
  entries: ReadonlySet<string>;
}

export const START: CustodyState = {
  holder: null,
  owner: null,
  offer: null,
  items: new Map(),
  held: new Set(),
  released: new Set(),
  inTransit: null,
  site: null,
  coi: null,
  packing: null,
  packedInto: new Set(),
  away: new Set(),
  returned: new Set(),
  seals: new Map(),
  erased: false,
  entries: new Set(),
};

export const isFinal = (state: ItemState | undefined): boolean =>
  state === 'infused' || state === 'wasted';

/** The items that are neither infused nor wasted. */
export const activeItems = (state: CustodyState): ReadonlySet<string> =>
  new Set([...state.items].filter(([, now]) => !isFinal(now)).map(([item]) => item));

/** The state once the statement that led to it stands in the ledger. */
export function withEntry(state: CustodyState, hash: string): CustodyState {
  const seals = [...state.seals].map(
    ([leg, seal]) => [leg, seal.entry === null ? { ...seal, entry: hash } : seal] as const,
  );
  return {
    ...state,
    offer: state.offer?.entry === null ? { ...state.offer, entry: hash } : state.offer,
    seals: new Map(seals),
    entries: new Set(state.entries).add(hash),
  };
}
