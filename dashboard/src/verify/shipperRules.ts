import {
  became, chosen, conflict, mustHold, mustKnow, mustMatch, together, without,
} from './requirements.ts';
import type { Said } from './requirements.ts';
import type { CustodyState } from './state.ts';

/** The shipper of an order: packed, opened, returned empty, requalified. */

export function pack(state: CustodyState, { statement }: Said): CustodyState {
  mustHold(state, statement, 'pack it');
  const { shipper, waybill } = statement;
  if (shipper !== null && state.away.has(shipper)) {
    conflict(`${shipper} was returned and not requalified since; it cannot be packed into.`);
  }
  mustMatch(state, statement);
  const packed = became(state, chosen(state, statement), 'packed');
  if (shipper === null) return packed;
  const packing = { shipper, waybill, seals: new Set(statement.seals) };
  return { ...packed, packing, packedInto: together(state.packedInto, [shipper]) };
}

export function openShipper(state: CustodyState, { statement }: Said): CustodyState {
  mustHold(state, statement, 'open its shipper');
  const { shipper, order } = statement;
  if (state.packing && shipper !== null && shipper !== state.packing.shipper) {
    conflict(`${order} is packed into ${state.packing.shipper}, not ${shipper}.`);
  }
  return { ...state, packing: null };
}

/** A shipper without items is the empty one that the items came in: whoever has it may return it. */
export function giveBack(state: CustodyState, { statement }: Said): CustodyState {
  const { shipper, items, order } = statement;
  if (shipper === null || items.length > 0) {
    mustHold(state, statement, 'return it');
    const sent = chosen(state, statement);
    return became({ ...state, returned: together(state.returned, sent) }, sent, 'returned');
  }
  if (!state.packedInto.has(shipper)) conflict(`No item of ${order} was ever packed into ${shipper}.`);
  if (state.packing?.shipper === shipper) {
    conflict(`${shipper} still holds the items of ${order}; open it first.`);
  }
  return { ...state, away: together(state.away, [shipper]) };
}

/** Only a shipper that passed may be used again. */
export function requalify(state: CustodyState, { statement }: Said): CustodyState {
  mustKnow(state, statement);
  const shippers = [statement.shipper ?? ''];
  switch (statement.conditions.get('requalified')) {
    case 'yes':
      return { ...state, away: without(state.away, shippers) };
    case 'no':
      return { ...state, away: together(state.away, shippers) };
    default:
      return conflict('conditions.requalified must say yes or no.');
  }
}
