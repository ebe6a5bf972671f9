import type { Entry } from './entry.ts';
import type { Opened } from './read.ts';
import type { Statement } from './statement.ts';
import { Story } from './story.ts';

/** Who held the product when, as the entries of a bundle tell it. */
export interface Holding {
  holder: string;
  /** The entry by which it began. */
  since: Entry<Statement>;
  /** The entry by which it ended; null for whoever holds it at the end of the file. */
  until: Entry<Statement> | null;
}

/** Possession from the first entry to the last; none from a receipt, which shows one entry. */
export function holdingsOf({ about, statements }: Opened): Holding[] {
  if (about.form === 'receipt') return [];
  const story = new Story();
  const holdings: Holding[] = [];
  for (const entry of statements) {
    story.add(entry);
    const { holder } = story.state;
    const last = holdings.at(-1);
    if (holder === null || holder === last?.holder) continue;
    if (last) last.until = entry;
    holdings.push({ holder, since: entry, until: null });
  }
  return holdings;
}

/** "accept", by whom and for which party; what the signature means stands in the file. */
export const peopleOf = ({ said }: Entry<Statement>): string =>
  said.signers
    .map(({ name, party }) => (party === null ? name : `${name} (${party})`))
    .join(' and ');
