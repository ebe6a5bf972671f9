"""The `limit` rule: beyond a limit for at least the dwell, and how sure that is.

Each limit is looked at on three levels: nearer by the logger's accuracy (`SOFT`), as written
(`NOMINAL`), and farther by the accuracy (`HARD`). A run on a farther level always lies inside one
on the nearer level. A nominal run of the dwell is an excursion: *confirmed* if a hard run inside it
has the dwell too, else *possible*. A soft run of the dwell without such a nominal run is one
*possible* excursion by itself.
"""

import numpy as np

from alerts.batch import Batch, BoolArray
from alerts.findings import FINDING
from alerts.rules import HARD, NOMINAL, SOFT, RuleSet
from alerts.runs import Runs, carry, trace
from alerts.state import Records, take_slots
from alerts.track import Track, extremes, in_blocks, lay_track, touched
from schemas.reading import IntArray


def detect_limits(state: Records, batch: Batch, rules: RuleSet) -> Records:
    """Carry the limit rules over a batch, in place; return what opened, grew or closed.

    Args:
        state: Per series, shape (k,), before the batch: coverage must not have been carried over
            it yet. The slots are written.
        batch: Readings later than what the state carries.
        rules: Of all k series.

    Returns:
        `FINDING` records in no order.
    """
    span = extremes(batch)
    found = [np.zeros(0, dtype=FINDING)]
    for slot in range(rules.slots):
        picked = touched(batch, rules, state, slot, span)
        for group in in_blocks(batch, picked):
            track = lay_track(batch, rules, state, slot, group)
            found.append(_detect_slot(state, track, rules, slot))
    return np.concatenate(found)


def _detect_slot(state: Records, track: Track, rules: RuleSet, slot: int) -> Records:
    """Carry one rule of the track's series over it, in place; return what changed."""
    ids = track.ids
    before = take_slots(state, ids, slot)
    hysteresis, dwell = rules.hysteresis[ids, slot], rules.dwell_us[ids, slot]
    levels = []
    for level in (SOFT, NOMINAL, HARD):
        threshold = rules.thresholds(level)[ids, slot]
        levels.append(trace(track, threshold, threshold - hysteresis, before["run"][:, level]))
    soft, nominal, hard = levels
    confirmed = _confirmed(nominal, hard, dwell, before["confirmed"])
    counts = nominal.duration_us >= dwell[nominal.owner]
    within = np.searchsorted(soft.head, nominal.head, side="right") - 1
    earlier = np.where(soft.carried, before["ordinal"][soft.owner], 0)
    ordinal, total = _ordinals(counts, within, earlier)

    alone = (soft.duration_us >= dwell[soft.owner]) & (total == 0)
    whole = _findings(soft, alone, SOFT, soft.started_us, np.zeros_like(earlier))
    parts = _findings(nominal, counts, NOMINAL, soft.started_us[within], ordinal)
    parts["confirmed"] = confirmed[counts]
    findings = np.concatenate([whole, parts])
    findings["series"] = ids[findings["series"]]
    findings["slot"] = slot
    findings["peak"] = findings["peak"] * rules.sign[findings["series"], slot] + 0.0

    over = total - np.bincount(within[counts & nominal.running], minlength=len(total))
    after = np.zeros_like(before)
    for level, runs in enumerate(levels):
        after["run"][:, level] = carry(runs, len(ids))
    after["ordinal"][soft.owner[soft.running]] = over[soft.running]
    after["confirmed"][nominal.owner[nominal.running]] = confirmed[nominal.running]
    state["slot"][ids, slot] = after
    return findings


def _confirmed(nominal: Runs, hard: Runs, dwell: IntArray, before: BoolArray) -> BoolArray:
    """Return for each nominal run whether a hard run inside it, now or earlier, has the dwell."""
    confirmed: BoolArray = nominal.carried & before[nominal.owner]
    enough = hard.duration_us >= dwell[hard.owner]
    confirmed[np.searchsorted(nominal.head, hard.head[enough], side="right") - 1] = True
    return confirmed


def _ordinals(counts: BoolArray, within: IntArray, earlier: IntArray) -> tuple[IntArray, IntArray]:
    """Return the number of each nominal run within its soft run, and how many each soft run has.

    Args:
        counts: Which nominal runs are excursions.
        within: The soft run of each nominal run.
        earlier: Excursions of each soft run that were over before the batch.
    """
    total = np.bincount(within[counts], minlength=len(earlier))
    before = np.cumsum(counts.astype(np.int64)) - counts
    offset = np.cumsum(total) - total
    return before - offset[within] + earlier[within], total + earlier


def _findings(
    runs: Runs, which: BoolArray, level: int, anchor_us: IntArray, ordinal: IntArray
) -> Records:
    """Return some of the runs as findings; `series` is still the position in the track."""
    findings = np.zeros(int(which.sum()), dtype=FINDING)
    findings["series"] = runs.owner[which]
    findings["level"] = level
    findings["anchor_us"] = anchor_us[which]
    findings["ordinal"] = ordinal[which]
    for name in FINDING.names or ():
        if name not in {"series", "slot", "level", "anchor_us", "ordinal", "confirmed"}:
            findings[name] = getattr(runs, name)[which]
    return findings
