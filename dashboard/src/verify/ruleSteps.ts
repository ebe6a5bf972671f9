import type { Opened } from './read.ts';
import { brokenSeal } from './readings.ts';
import { fault, note, type Finding } from './result.ts';
import { Story } from './story.ts';

/** Steps 9 and 10: could each statement follow, and are the readings those that were sealed? */

/** Each statement that stands where the rules do not let it (bundles only), or is in conflict. */
export function* checkRules({ about, statements }: Opened): Iterable<Finding> {
  yield* inConflict(statements);
  if (about.form === 'receipt') return;
  yield* repeated(statements);
  const story = new Story();
  for (const entry of statements) {
    const sentence = story.add(entry);
    if (sentence !== null) yield fault('rule_broken', entry.index, sentence);
  }
}

/** Each statement that is on record and changed nothing; whether it had to be, a receipt hides. */
function* inConflict(statements: Opened['statements']): Iterable<Finding> {
  for (const { index, conflictWith } of statements) {
    if (conflictWith === null) continue;
    yield note('in_conflict', index, `Entry ${index} contradicts what others recorded meanwhile: it is on record and changed nothing.`);
  }
}

/** Each statement that was recorded before: replayed, not said again. */
function* repeated(statements: Opened['statements']): Iterable<Finding> {
  const known = new Set<string>();
  for (const { index, said } of statements) {
    if (known.has(said.id)) {
      yield fault('rule_broken', index, `Entry ${index} records a statement that was recorded before.`);
    }
    known.add(said.id);
  }
}

/** Each seal whose readings are missing or changed, or that hides an earlier one. */
export function* checkReadings({ about, statements, readings }: Opened): Iterable<Finding> {
  const last = new Map<string, string>();
  for (const { index, said, conflictWith, hash } of statements) {
    const { sealed, shipment } = said;
    if (!sealed) continue;
    const lines = readings.get(index);
    if (lines) {
      const sentence = brokenSeal(sealed, lines);
      if (sentence !== null) yield fault('seal_broken', index, sentence);
    } else {
      yield note('readings_not_shown', index, `The ${sealed.count} readings of leg ${sealed.leg} are not in this file.`);
    }
    if (about.form === 'receipt' || conflictWith !== null) continue;
    const leg = `${shipment} ${sealed.leg}`;
    if (sealed.earlier !== (last.get(leg) ?? null)) {
      yield fault('seal_rule_broken', index, `The seal of leg ${sealed.leg} does not name the seal before it.`);
    }
    last.set(leg, hash);
  }
}
