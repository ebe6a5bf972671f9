import type { Entry } from '../api/types';

/** What an entry has to do with other entries of its order, both ways. */
export interface Links {
  /** The offer that is accepted or refused here. */
  answers?: Entry;
  /** What ended this offer: an acceptance, a refusal, or the giver's correction. */
  answeredBy?: Entry;
  contradicts?: Entry;
  contradictedBy: Entry[];
  corrects?: Entry;
  correctedBy: Entry[];
  /** The earlier seal of the same leg, and the later one. */
  replaces?: Entry;
  replacedBy?: Entry;
}

export const inOrder = (entries: readonly Entry[]): Entry[] =>
  entries.toSorted((a, b) => a.index - b.index);

const isAnswer = (entry: Entry): boolean => entry.kind === 'accept' || entry.kind === 'refuse';

/** Whether an entry ends an open offer: it answers it, or its giver takes it back. */
export const endsOffer = (entry: Entry, offer: Entry): boolean =>
  !entry.conflict &&
  (isAnswer(entry) ||
    (entry.kind === 'correct' && entry.corrects === offer.entry_hash && entry.from === offer.from));

/** The links of every entry, by its index in the log. */
export function linksOf(entries: readonly Entry[]): Map<number, Links> {
  const links = new Map<number, Links>();
  for (const entry of entries) links.set(entry.index, { contradictedBy: [], correctedBy: [] });
  const of = (entry: Entry): Links => links.get(entry.index) as Links;
  const byHash = new Map(entries.map((entry) => [entry.entry_hash, entry]));
  const known = (hash: string | null | undefined): Entry | undefined =>
    hash ? byHash.get(hash) : undefined;
  for (const entry of inOrder(entries)) {
    const other = known(entry.conflict_with);
    if (other) {
      of(entry).contradicts = other;
      of(other).contradictedBy.push(entry);
    }
    const wrong = known(entry.corrects);
    if (wrong) {
      of(entry).corrects = wrong;
      of(wrong).correctedBy.push(entry);
    }
    const seal = known(entry.sealed?.earlier);
    if (seal) {
      of(entry).replaces = seal;
      of(seal).replacedBy = entry;
    }
  }
  linkOffers(inOrder(entries), of);
  return links;
}

/** An answer names the offer's statement, not its entry; at most one offer is open at a time. */
function linkOffers(entries: Entry[], of: (entry: Entry) => Links): void {
  const offers = new Map<string, Entry>();
  let open: Entry | null = null;
  for (const entry of entries) {
    if (open && endsOffer(entry, open)) {
      of(open).answeredBy = entry;
      if (isAnswer(entry)) of(entry).answers = open;
      if (entry.answers) offers.set(entry.answers, open);
      open = null;
    } else if (isAnswer(entry) && entry.answers) {
      const offer = offers.get(entry.answers);
      if (offer) of(entry).answers = offer;
    }
    if (entry.kind === 'offer' && !entry.conflict) open = entry;
  }
}
