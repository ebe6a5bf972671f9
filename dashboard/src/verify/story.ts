import { hex } from './bytes.ts';
import type { Entry } from './entry.ts';
import { sha256 } from './hash.ts';
import { Conflict, conflict, type Said } from './requirements.ts';
import { apply } from './rules.ts';
import { START, withEntry, type CustodyState } from './state.ts';
import type { Statement } from './statement.ts';

/** Where a statement leads: what it contradicts, if anything, and the state after it. */
interface Placed {
  state: CustodyState;
  conflictWith: string | null;
}

/** An order's statements one after another, and what each of them leads to (custody/story.py). */
export class Story {
  readonly #states: CustodyState[] = [START];
  readonly #hashes: string[] = [];
  /** Entries of the offers in conflict, by the hash of their statements. */
  readonly #lostOffers = new Map<string, string>();

  get state(): CustodyState {
    return this.#states.at(-1) as CustodyState;
  }

  /** Take the next entry in; a sentence when it stands where the rules do not let it. */
  add(entry: Entry<Statement>): string | null {
    const said = { statement: entry.said, hash: hex(sha256(entry.envelope.payload)) };
    let sentence: string | null = null;
    let { state } = this;
    try {
      const placed = this.#place(said);
      if (placed.conflictWith === entry.conflictWith) state = placed.state;
      else sentence = 'It is marked as in conflict, and is not, or not so.';
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      sentence = error.message;
    }
    this.#states.push(withEntry(state, entry.hash));
    this.#hashes.push(entry.hash);
    if (entry.said.kind === 'offer' && entry.conflictWith !== null) {
      this.#lostOffers.set(said.hash, entry.hash);
    }
    return sentence;
  }

  #place(said: Said): Placed {
    const seen = this.#seen(said.statement);
    try {
      return { state: apply(this.state, said), conflictWith: null };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      const against = this.#lastAgainst(said, seen) ?? this.#lostOffer(said.statement);
      if (against === null) throw error;
      return { state: this.state, conflictWith: against };
    }
  }

  /** How many entries the signers had seen, checked against the chain; all when they do not say. */
  #seen({ seen, order }: Statement): number {
    if (!seen) return this.#hashes.length;
    if (this.#hashes[seen.sequence - 1] !== seen.hash) {
      conflict(`The signer's device saw an entry ${seen.sequence} of ${order} that is not here.`);
    }
    return seen.sequence;
  }

  /** The entry after which it no longer applied; null if it never did since `seen`. */
  #lastAgainst(said: Said, seen: number): string | null {
    for (let number = this.#hashes.length - 1; number >= seen; number -= 1) {
      if (applies(this.#states[number] as CustodyState, said)) return this.#hashes[number] as string;
    }
    return null;
  }

  /** The offer that it answers, when that is in conflict; then the answer is so too. */
  #lostOffer({ kind, answers }: Statement): string | null {
    if (kind !== 'accept' && kind !== 'refuse') return null;
    return this.#lostOffers.get(answers ?? '') ?? null;
  }
}

function applies(state: CustodyState, said: Said): boolean {
  try {
    apply(state, said);
    return true;
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    return false;
  }
}
