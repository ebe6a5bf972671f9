import {
  became, chosen, conflict, isSameSet, listed, mustHold, mustKnow, mustMatch,
  mustNotBeOffered, mustNotBeReturned, openOffer, together, without, type Said,
} from './requirements.ts';
import { giveBack, openShipper, pack, requalify } from './shipperRules.ts';
import { activeItems, START, type CustodyState } from './state.ts';
import type { Kind } from './statement.ts';

/** Which statement may follow which (custody/rules.py); a contradiction is a `Conflict`. */

const BEFORE_COMMISSIONING: ReadonlySet<Kind> = new Set([
  'commission', 'seal_readings', 'erase_identity',
]);

type Rule = (state: CustodyState, said: Said) => CustodyState;

/** The state after the statement. */
export function apply(state: CustodyState, said: Said): CustodyState {
  const { kind, order, coi } = said.statement;
  const commissioned = state.holder !== null;
  if (kind === 'commission' && commissioned) conflict(`${order} is already commissioned.`);
  if (!commissioned && !BEFORE_COMMISSIONING.has(kind)) {
    conflict(`${order} is not commissioned yet; a statement of kind ${kind} cannot be its first.`);
  }
  if (kind !== 'commission' && coi !== null && coi !== state.coi) {
    conflict(`The identity on the label is not the one of ${order}.`);
  }
  return RULES[kind](state, said);
}

const commission: Rule = (state, { statement }) => ({
  ...START,
  holder: statement.from,
  owner: statement.from,
  items: new Map(statement.items.map((item) => [item, 'commissioned'])),
  site: statement.place,
  coi: statement.coi,
  seals: state.seals,
  erased: state.erased,
  entries: state.entries,
});

const release: Rule = (state, { statement }) => {
  const shipment = statement.shipment ?? '';
  if (state.released.has(shipment)) conflict(`${shipment} is already released.`);
  return { ...state, released: together(state.released, [shipment]) };
};

const offer: Rule = (state, { statement, hash }) => {
  mustHold(state, statement, 'offer it');
  mustMatch(state, statement);
  const { order } = statement;
  const [giver, receiver] = [statement.from ?? '', statement.to ?? ''];
  if (state.offer) conflict(`${order} is already offered to ${state.offer.receiver}.`);
  if (giver === receiver) conflict(`${giver} holds ${order} and cannot offer it to itself.`);
  const items = chosen(state, statement);
  const active = activeItems(state);
  if (!isSameSet(items, active)) {
    conflict(`The items of ${order} move together; left out: ${listed(without(active, items))}.`);
  }
  return { ...state, offer: { giver, receiver, items, statement: hash, entry: null } };
};

const accept: Rule = (state, { statement }) => {
  const { receiver, items } = openOffer(state, statement, 'accept');
  const { order, shipment } = statement;
  const active = activeItems(state);
  if (!isSameSet(items, active)) {
    conflict(`The offer of ${order} is for ${listed(items)}; there is now ${listed(active)}.`);
  }
  if (state.inTransit !== null && shipment !== null && shipment !== state.inTransit) {
    conflict(`${order} is under way on ${state.inTransit}, not ${shipment}.`);
  }
  mustMatch(state, statement);
  const site = statement.place ?? state.site;
  return { ...state, holder: receiver, offer: null, inTransit: null, site };
};

const refuseOffer: Rule = (state, { statement }) => {
  openOffer(state, statement, 'refuse');
  return { ...state, offer: null };
};

const depart: Rule = (state, { statement }) => {
  mustHold(state, statement, 'depart with it');
  const { shipment, order } = statement;
  if (state.inTransit !== null) conflict(`${order} is already under way on ${state.inTransit}.`);
  if (shipment === null || !state.released.has(shipment)) {
    conflict(`${shipment} has not been released and cannot depart.`);
  }
  return { ...state, inTransit: shipment, site: null };
};

const arrive: Rule = (state, { statement }) => {
  mustHold(state, statement, 'arrive with it');
  const { shipment, order } = statement;
  if (state.inTransit === null) conflict(`${order} is not under way, so it cannot arrive.`);
  if (shipment !== null && shipment !== state.inTransit) {
    conflict(`${order} is under way on ${state.inTransit}, not ${shipment}.`);
  }
  return { ...state, inTransit: null, site: statement.place };
};

const store: Rule = (state, { statement }) => {
  mustHold(state, statement, 'store it');
  return { ...state, site: statement.place ?? state.site };
};

const thaw: Rule = (state, { statement }) => {
  mustHold(state, statement, 'thaw it');
  const items = chosen(state, statement);
  mustNotBeReturned(state, items, 'thawed');
  return became(state, items, 'thawed');
};

const waste: Rule = (state, { statement }) => {
  mustHold(state, statement, 'waste it');
  mustNotBeOffered(state, statement, 'wasted');
  return became(state, chosen(state, statement), 'wasted');
};

const infuse: Rule = (state, { statement }) => {
  mustHold(state, statement, 'infuse it');
  mustNotBeOffered(state, statement, 'infused');
  if (state.inTransit !== null) {
    conflict(`${statement.order} is under way on ${state.inTransit}, so not to be infused.`);
  }
  const items = chosen(state, statement);
  const onHold = [...items].filter((item) => state.held.has(item));
  if (onHold.length > 0) conflict(`On hold until a disposition lifts it: ${listed(onHold)}.`);
  mustNotBeReturned(state, items, 'infused');
  return became(state, items, 'infused');
};

const transferTitle: Rule = (state, { statement }) => {
  const { order, from, to } = statement;
  if (from !== state.owner) conflict(`${order} is owned by ${state.owner}, not by ${from}.`);
  if (to === state.owner) conflict(`${state.owner} already owns ${order}.`);
  return { ...state, owner: to };
};

const hold: Rule = (state, { statement }) => {
  mustKnow(state, statement);
  const items = statement.items.length > 0 ? statement.items : activeItems(state);
  return { ...state, held: together(state.held, items) };
};

const disposition: Rule = (state, { statement }) => {
  mustKnow(state, statement);
  const items = statement.items.length > 0 ? new Set(statement.items) : state.held;
  if (items.size === 0) conflict(`No item of ${statement.order} is on hold.`);
  const free = without(items, state.held);
  if (free.size > 0) conflict(`Not on hold, so not to be decided: ${listed(free)}.`);
  if (statement.conditions.get('disposition') === 'reject') return state;
  return { ...state, held: without(state.held, items) };
};

const correct: Rule = (state, { statement }) => {
  const { corrects, order, from } = statement;
  if (corrects === null || !state.entries.has(corrects)) {
    conflict(`${corrects} is not an entry of ${order}.`);
  }
  const takenBack = state.offer?.entry === corrects && state.offer.giver === from;
  return takenBack ? { ...state, offer: null } : state;
};

const changesNothing: Rule = (state, { statement }) => {
  mustKnow(state, statement);
  return state;
};

const inspect: Rule = (state, { statement }) => {
  mustKnow(state, statement);
  mustMatch(state, statement);
  return state;
};

const seal: Rule = (state, { statement }) => {
  const { sealed, shipment } = statement;
  if (!sealed) return state;
  const leg = `${shipment} ${sealed.leg}`;
  const last = state.seals.get(leg);
  if (sealed.earlier !== (last ? last.entry : null)) {
    conflict(`Leg ${sealed.leg} of ${shipment} was sealed by another entry last.`);
  }
  if (last && (last.from !== sealed.from || last.until !== sealed.until)) {
    conflict(`Leg ${sealed.leg} of ${shipment} was sealed with other bounds before.`);
  }
  const now = { from: sealed.from, until: sealed.until, entry: null };
  return { ...state, seals: new Map(state.seals).set(leg, now) };
};

const eraseIdentity: Rule = (state, { statement }) => {
  if (state.erased) conflict(`The identity behind ${statement.order} is erased already.`);
  return { ...state, erased: true };
};

const RULES: Readonly<Record<Kind, Rule>> = {
  commission,
  pack,
  condition: changesNothing,
  release,
  offer,
  accept,
  refuse: refuseOffer,
  depart,
  arrive,
  store,
  inspect,
  open: openShipper,
  thaw,
  infuse,
  waste,
  return: giveBack,
  requalify,
  transfer_title: transferTitle,
  seal_readings: seal,
  hold,
  disposition,
  correct,
  erase_identity: eraseIdentity,
};
