import type { Custody, Step } from '../api/types';
import type { Kind } from '../verify/statement.ts';

/** What somebody may sign here and now: by their role, their party, and where the order stands. */

export type Act = Kind | 'accept_with_remarks';

/** What a form asks for beside checklist, place and remarks. */
export interface ActForm {
  act: Act;
  kind: Kind;
  title: string;
  /** What the signature means; `{party}` is the one that is given to or taken from. */
  meaning: string;
  asks: readonly ('receiver' | 'numbers' | 'items' | 'decision' | 'entry')[];
  place: 'no' | 'may' | 'must';
  explanation: 'may' | 'must';
}

const form = (
  act: Act,
  title: string,
  meaning: string,
  more: Partial<Pick<ActForm, 'asks' | 'place' | 'explanation'>> = {},
): ActForm => ({
  act,
  kind: act === 'accept_with_remarks' ? 'accept' : act,
  title,
  meaning,
  asks: more.asks ?? [],
  place: more.place ?? 'may',
  explanation: more.explanation ?? 'may',
});

export const FORMS: readonly ActForm[] = [
  form('accept', 'Accept', 'I take the shipment over from {party} as described.', {
    asks: ['numbers'],
  }),
  form('accept_with_remarks', 'Accept with remarks', 'I take the shipment over from {party}, with these remarks.', {
    asks: ['numbers'],
    explanation: 'must',
  }),
  form('refuse', 'Refuse', 'I do not take the shipment over from {party}.', {
    asks: ['numbers'],
    explanation: 'must',
  }),
  form('offer', 'Offer', 'I offer the shipment to {party}.', { asks: ['receiver', 'numbers'] }),
  form('depart', 'Depart', 'I leave with the shipment.'),
  form('arrive', 'Arrive', 'The shipment reached this place.', { place: 'must' }),
  form('store', 'Put into storage', 'I put the product into storage at the required temperature.'),
  form('open', 'Open the shipper', 'I opened the shipper and took the product out.'),
  form('inspect', 'Inspect', 'I inspected the shipment, and this is what I saw.', {
    asks: ['numbers'],
  }),
  form('hold', 'Put on hold', 'I put these items on hold.', {
    asks: ['items'],
    place: 'no',
    explanation: 'must',
  }),
  form('disposition', 'Decide disposition', 'I decide what becomes of these items.', {
    asks: ['items', 'decision'],
    place: 'no',
    explanation: 'must',
  }),
  form('correct', 'Correct an entry', 'I correct an earlier entry; it stays as it was.', {
    asks: ['entry'],
    place: 'no',
    explanation: 'must',
  }),
];

const HANDOFF: Kind[] = ['offer', 'accept', 'refuse', 'inspect', 'correct'];
const TRANSPORT: Kind[] = ['depart', 'arrive', 'store'];

/** As `STATEMENTS` in api/rights.py, of the kinds that can be signed here. The server decides. */
const MAY: Record<string, readonly Kind[]> = {
  pharmacist: [...HANDOFF, ...TRANSPORT, 'open'],
  courier: [...HANDOFF, ...TRANSPORT],
  manufacturer: [...HANDOFF, ...TRANSPORT],
  coordinator: [...HANDOFF, ...TRANSPORT],
  case_manager: ['correct'],
  qa: ['hold', 'disposition', 'inspect', 'correct'],
};

/** Whether the order's state lets a party take a step; the rules are those of verify/rules.ts. */
function fits(kind: Kind, custody: Custody, party: string | null, shipment: string): boolean {
  const { holder, offer, items } = custody;
  if (holder === null) return false;
  const holds = party !== null && party === holder;
  switch (kind) {
    case 'offer':
      return holds && offer === null && items.some(({ state }) => state !== 'infused' && state !== 'wasted');
    case 'accept':
    case 'refuse':
      return party !== null && offer?.receiver === party;
    case 'depart':
      return holds && custody.in_transit === null && custody.released.includes(shipment);
    case 'arrive':
      return holds && custody.in_transit !== null;
    case 'store':
    case 'open':
      return holds;
    case 'disposition':
      return items.some(({ held }) => held);
    default:
      return true;
  }
}

/** The forms that somebody can fill in now, the likeliest first. */
export const formsFor = (
  role: string,
  party: string | null,
  custody: Custody,
  shipment: string,
): ActForm[] =>
  FORMS.filter(
    ({ kind }) => (MAY[role] ?? []).includes(kind) && fits(kind, custody, party, shipment),
  );

export const maySignSomething = (role: string): boolean => role in MAY;

/** What the therapy asks of a step at a place. */
export const stepsFor = (custody: Custody, kind: Kind, atDestination: boolean): Step[] =>
  custody.steps.filter((step) => step.kind === kind && (step.at === null || atDestination));
