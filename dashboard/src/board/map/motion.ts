import type { Position } from './geometry';
import { unwrap } from './geometry';

const LASTS_MS = 900;
/** A jump across half a continent is news of a gap, not a movement to be played. */
const FAR_DEGREES = 6;

/**
 * Moves points from where they were to where they are, a little at a time. `show` is called
 * with all positions for every picture; with `still` it is called once, at the end.
 */
export class Motion {
  positions = new Map<string, Position>();
  private frame = 0;

  constructor(private readonly show: (positions: Map<string, Position>) => void) {}

  to(target: Map<string, Position>, still: boolean): void {
    cancelAnimationFrame(this.frame);
    const from = this.positions;
    const moving = [...target].filter(([code, [lon, lat]]) => {
      const was = from.get(code);
      if (!was) return false;
      const far = Math.hypot(unwrap(lon, was[0]) - was[0], lat - was[1]);
      return far > 0 && far < FAR_DEGREES;
    });
    if (still || moving.length === 0 || document.hidden) {
      this.positions = target;
      this.show(target);
      return;
    }
    const start = performance.now();
    const step = (now: number): void => {
      const f = Math.min(1, (now - start) / LASTS_MS);
      const eased = f * (2 - f);
      const shown = new Map(target);
      for (const [code, [lon, lat]] of moving) {
        const was = from.get(code) as Position;
        const goal = unwrap(lon, was[0]);
        shown.set(code, [was[0] + (goal - was[0]) * eased, was[1] + (lat - was[1]) * eased]);
      }
      this.positions = shown;
      this.show(shown);
      if (f < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
  }
}
