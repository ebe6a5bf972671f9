import { fetchLedger, fetchQuestions } from '../api/client';
import type { AskedSteps, LedgerHead } from '../api/types';
import { clock } from '../state/clock.svelte';
import { asked } from '../state/session.svelte';

const EVERY_MS = 20_000;

/** How far the log is signed and witnessed, asked again while the page is open. */
export class LedgerWatch {
  head = $state.raw<LedgerHead | null>(null);
  /** The last answer is missing: the words on the page are old. */
  failed = $state(false);
  /** What the checklists ask, for the answers' words; without it their keys are shown. */
  questions = $state.raw<AskedSteps | null>(null);

  private askedMono = $state(0);
  /** Age of the witnesses' signatures: the server's, and what has passed here since. */
  readonly ageS = $derived.by(() => {
    const age = this.head?.witnessed?.age_s ?? null;
    return age === null ? null : age + Math.max(0, clock.monoMs - this.askedMono) / 1000;
  });

  private readonly timer: ReturnType<typeof setInterval>;

  constructor(order: string) {
    this.timer = setInterval(() => void this.load(), EVERY_MS);
    void this.load();
    void this.loadQuestions(order);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async load(): Promise<void> {
    if (document.hidden && this.head !== null) return;
    try {
      this.head = await asked(fetchLedger());
      this.askedMono = performance.now();
      this.failed = false;
    } catch {
      this.failed = true;
    }
  }

  private async loadQuestions(order: string): Promise<void> {
    try {
      this.questions = await asked(fetchQuestions(order));
    } catch {
      this.questions = null;
    }
  }
}
