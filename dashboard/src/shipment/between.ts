import type { Entry, Leg, NextStep } from '../api/types';
import { formatRough } from '../format/duration';
import { formatInstant, parseInstant } from '../format/time';
import { nextWords } from '../marks/words';
import { endsOffer, inOrder } from './custodyLinks';
import { happenedMs, lanesOf } from './periods';

/** A time between two entries that somebody should know of, in words. */
export interface Between {
  /** Index of the entry that ended it; null: it still lasts. */
  before: number | null;
  /** Needs a human; the others are only told. */
  loud: boolean;
  title: string;
  spanS: number;
  body: string;
}

export interface Plan {
  shipment: string;
  legs: readonly Leg[];
  next: NextStep | null;
}

/** What is later than planned by less than this is on time. */
const SLACK_S = 15 * 60;
/** An offer that waits longer than this needs somebody. */
const OFFER_S = 30 * 60;

const seconds = (fromMs: number, toMs: number): number => Math.max(0, (toMs - fromMs) / 1000);

/** What lies between the entries: offers that wait, journeys, and silence beyond the plan. */
export function betweens(entries: readonly Entry[], plan: Plan, nowMs: number): Between[] {
  const told = inOrder(entries).filter((entry) => !entry.conflict);
  return [
    ...waits(told, nowMs),
    ...journeys(told, plan, nowMs),
    ...lateDepartures(told, plan, nowMs),
    ...overdue(told, plan, nowMs),
  ];
}

function waits(told: Entry[], nowMs: number): Between[] {
  const found: Between[] = [];
  told.forEach((offer, at) => {
    if (offer.kind !== 'offer') return;
    const end = told.slice(at + 1).find((entry) => endsOffer(entry, offer));
    const spanS = seconds(happenedMs(offer), end ? happenedMs(end) : nowMs);
    if (end && spanS < 60) return;
    const giver = offer.from_name ?? 'the giver';
    const receiver = offer.to_name ?? 'the receiver';
    found.push(
      end
        ? {
            before: end.index,
            loud: false,
            title: 'Offered, not yet accepted',
            spanS,
            body: `Still held by ${giver}.`,
          }
        : {
            before: null,
            loud: spanS >= OFFER_S,
            title: 'Offered, not yet accepted',
            spanS,
            body: `${receiver} has neither accepted nor refused it. Still held by ${giver}.`,
          },
    );
  });
  return found;
}

/** The leg that a departure begins: by its place, else by its number. */
function legOf(depart: Entry, count: number, plan: Plan): Leg | undefined {
  if (depart.shipment !== plan.shipment) return undefined;
  return (
    plan.legs.find((leg) => leg.from_gln === depart.place) ??
    (depart.place === null ? plan.legs.find((leg) => leg.number === count) : undefined)
  );
}

function journeys(told: Entry[], plan: Plan, nowMs: number): Between[] {
  const found: Between[] = [];
  const { held } = lanesOf(told);
  let count = 0;
  told.forEach((depart, at) => {
    if (depart.kind !== 'depart') return;
    if (depart.shipment === plan.shipment) count += 1;
    const end = told.slice(at + 1).find(({ kind }) => kind === 'arrive' || kind === 'accept');
    const spanS = seconds(happenedMs(depart), end ? happenedMs(end) : nowMs);
    const leg = legOf(depart, count, plan);
    const plannedS = plannedSpanS(leg);
    const over = plannedS === null ? 0 : spanS - plannedS;
    const holder =
      held.findLast((period) => period.entry.index < depart.index)?.name ?? depart.from_name;
    const parts = [
      `Held by ${holder ?? 'nobody on record'}; no handoff is recorded on the way.`,
      plannedS === null ? null : `Planned: ${formatRough(plannedS)}.`,
      over > SLACK_S ? `${formatRough(over)} longer than planned.` : null,
    ];
    found.push({
      before: end?.index ?? null,
      loud: over > SLACK_S,
      title: end ? 'Under way' : 'Under way, arrival not recorded yet',
      spanS,
      body: parts.filter((part) => part !== null).join(' '),
    });
  });
  return found;
}

function plannedSpanS(leg: Leg | undefined): number | null {
  const from = parseInstant(leg?.planned_departure_at);
  const to = parseInstant(leg?.planned_arrival_at);
  return from === null || to === null || to <= from ? null : (to - from) / 1000;
}

/** A departure later than planned, with nothing on record in the meantime. */
function lateDepartures(told: Entry[], plan: Plan, nowMs: number): Between[] {
  const found: Between[] = [];
  let count = 0;
  const spoken = told.filter(({ kind }) => kind !== 'seal_readings');
  spoken.forEach((depart, at) => {
    if (depart.kind !== 'depart' || depart.shipment !== plan.shipment) return;
    count += 1;
    const planned = parseInstant(legOf(depart, count, plan)?.planned_departure_at);
    const last = spoken[at - 1];
    if (planned === null || last === undefined) return;
    if (seconds(planned, happenedMs(depart)) <= SLACK_S || happenedMs(last) >= planned) return;
    found.push({
      before: depart.index,
      loud: false,
      title: 'Nothing recorded',
      spanS: seconds(happenedMs(last), happenedMs(depart)),
      body: `The departure was planned for ${formatInstant(planned, nowMs)}, ${formatRough(
        seconds(planned, happenedMs(depart)),
      )} before it was.`,
    });
  });
  return found;
}

/** The plan's next step is past, and the record says nothing of it. */
function overdue(told: Entry[], plan: Plan, nowMs: number): Between[] {
  const planned = parseInstant(plan.next?.at);
  const last = told.findLast(({ kind }) => kind !== 'seal_readings');
  // A journey that lasts longer than planned says the same of itself.
  if (planned === null || !plan.next || !last || last.kind === 'depart') return [];
  const over = seconds(planned, nowMs);
  if (over <= SLACK_S) return [];
  return [
    {
      before: null,
      loud: true,
      title: 'Nothing recorded',
      spanS: seconds(happenedMs(last), nowMs),
      body: `Planned for ${formatInstant(planned, nowMs)}: ${nextWords(plan.next)}. Overdue by ${formatRough(over)}.`,
    },
  ];
}
