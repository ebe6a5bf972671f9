import { Malformed } from './bytes.ts';
import { NO_ENTRY } from './form.ts';
import { checkInclusion } from './merkle.ts';
import { checkpointsOf, shown, type Opened } from './read.ts';
import { fault, type Finding } from './result.ts';

/** Steps 4 and 5: each entry in its order's chain, and in the log that the checkpoint is of. */

/** Where the order's chain, the log's name, the order's code or the times do not fit. */
export function* checkChain(opened: Opened): Iterable<Finding> {
  yield* links(opened);
  yield* logs(opened);
  for (const { index, order, said } of opened.statements) {
    if (said.order !== order) {
      yield fault('other_order', index, `Entry ${index} stands under ${order}, but what was signed is about ${said.order}.`);
    }
  }
  const all = shown(opened);
  for (const [at, { index, recordedAt }] of all.entries()) {
    const before = all[at - 1];
    if (before && recordedAt < before.recordedAt) {
      yield fault('order_of_time', index, `Entry ${index} says it was recorded at ${recordedAt}, before entry ${before.index}.`);
    }
  }
}

/** Each entry that is not proven to be in the log. */
export function* checkIncluded(opened: Opened): Iterable<Finding> {
  const { size, root } = opened.checkpoint;
  for (const { index, leaf } of shown(opened)) {
    const proof = opened.proofs.get(index);
    if (!proof) continue; // a key entry that the last one's `previous` leads to
    try {
      checkInclusion({ leaf, index, size, proof: proof.hashes, root });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      yield fault('not_included', index, error.message);
    }
  }
}

function* links({ about, statements }: Opened): Iterable<Finding> {
  let previous = NO_ENTRY;
  for (const [at, entry] of statements.entries()) {
    const isFirst = entry.previous === NO_ENTRY;
    const fits =
      about.form === 'receipt'
        ? (entry.sequence === 1) === isFirst
        : entry.sequence === at + 1 && entry.previous === previous;
    if (!fits) {
      yield fault('order_chain_broken', entry.index, `Entry ${entry.index} does not follow the order's entry in front of it: one was left out, put in or changed.`);
    }
    previous = entry.hash;
  }
}

function* logs(opened: Opened): Iterable<Finding> {
  const { log } = opened.about;
  const origins = [...checkpointsOf(opened).map(({ origin }) => origin), opened.logKey.name];
  const other = origins.find((origin) => origin !== log);
  if (other !== undefined) {
    yield fault('other_log', null, `The file is of the log ${log}; this is of ${other}.`);
  }
  for (const { index, said } of shown(opened)) {
    if (said.log !== log) {
      yield fault('other_log', index, `What entry ${index} says was signed for the log ${said.log}.`);
    }
  }
}
