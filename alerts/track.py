"""The readings of the series that come near a limit, each after what was carried for it."""

from dataclasses import dataclass

import numpy as np

from alerts.batch import BLOCK, Batch, BoolArray
from alerts.rules import SOFT, RuleSet
from alerts.state import Records
from schemas.reading import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Signed readings of m series, one after the other: beyond a limit always means above it.

    The last reading before the batch, where there was one, is the first row of its series.

    Attributes:
        ids: Series of the batch, shape (m,).
        first: Row at which each series starts, shape (m,). `last`: row at which it ends.
        owner: Which of the m series a row belongs to, shape (n,).
        time_us: Instant, shape (n,). `value`: signed channel, shape (n,).
        near: Whether a row and the next are one series and within `max_gap_us`, shape (n - 1,).
        unmonitored_us: Sum of the gaps before each row, over all series, shape (n,).
    """

    ids: IntArray
    first: IntArray
    last: IntArray
    owner: IntArray
    time_us: IntArray
    value: FloatArray
    near: BoolArray
    unmonitored_us: IntArray


def extremes(batch: Batch) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest value of each series in the batch, shape (m,) each."""
    if not len(batch):
        return np.zeros(0), np.zeros(0)
    starts = batch.starts[:-1]
    return np.minimum.reduceat(batch.value, starts), np.maximum.reduceat(batch.value, starts)


def touched(
    batch: Batch, rules: RuleSet, state: Records, slot: int, span: tuple[FloatArray, FloatArray]
) -> IntArray:
    """Return which of `batch.ids` passed the soft limit of a slot, or were beyond it before."""
    ids = batch.ids
    low, high = span
    worst = np.where(rules.sign[ids, slot] > 0, high, -low)
    # An empty slot has limit NaN, and nothing is greater than NaN.
    beyond = worst > rules.thresholds(SOFT)[ids, slot]
    return np.flatnonzero(beyond | (state["slot"]["run"]["reading_count"][ids, slot, SOFT] > 0))


def in_blocks(batch: Batch, picked: IntArray) -> list[IntArray]:
    """Return positions in `batch.ids` in groups of about `BLOCK` rows, whole series each.

    The many temporaries of one group then stay in the cache.
    """
    if not len(picked):
        return []
    rows = np.cumsum(batch.starts[picked + 1] - batch.starts[picked])
    return np.split(picked, np.flatnonzero(np.diff(rows // BLOCK)) + 1)


def lay_track(batch: Batch, rules: RuleSet, state: Records, slot: int, picked: IntArray) -> Track:
    """Return the track of the picked series of a batch, signed for one slot.

    Args:
        batch: Readings later than what `state` carries.
        rules: Of all series.
        state: Of all series, before the batch.
        slot: Which rule.
        picked: Positions in `batch.ids`, ascending, at least one.
    """
    ids = batch.ids[picked]
    carried = state["received"][ids] > 0
    size = batch.starts[picked + 1] - batch.starts[picked] + carried
    first = np.cumsum(size) - size
    owner = np.repeat(np.arange(len(ids)), size)
    source = np.arange(int(size.sum())) + np.repeat(batch.starts[picked] - carried - first, size)
    time_us, value = batch.time_us[source], batch.value[source]
    time_us[first[carried]] = state["last_us"][ids[carried]]
    value[first[carried]] = state["last_value"][ids[carried]]
    value *= rules.sign[ids, slot][owner]
    apart = time_us[1:] - time_us[:-1]
    same = owner[1:] == owner[:-1]
    near = same & (apart <= rules.max_gap_us[ids][owner[1:]])
    far = np.where(same & ~near, apart, 0)
    return Track(
        ids=ids,
        first=first,
        last=first + size - 1,
        owner=owner,
        time_us=time_us,
        value=value,
        near=near,
        unmonitored_us=np.append(0, np.cumsum(far)),
    )
