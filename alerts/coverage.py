"""How much of the time somebody was looking: readings received, and gaps between them."""

import numpy as np

from alerts.batch import BLOCK, Batch
from alerts.state import Records
from schemas.reading import IntArray

GAP = np.dtype([("series", "<i8"), ("from_us", "<i8"), ("to_us", "<i8")])
"""Unmonitored time of a series: two readings in a row farther apart than its `max_gap_us`."""


def cover(state: Records, batch: Batch, max_gap_us: IntArray) -> Records:
    """Count a batch into the coverage of its series, in place; return the gaps it ended.

    Args:
        state: Per series, shape (k,). Its coverage fields are written.
        batch: Readings later than `last_us` of their series.
        max_gap_us: Per series, shape (k,).

    Returns:
        `GAP` records in the order of (series, from_us).
    """
    ids, first, last = batch.ids, batch.starts[:-1], batch.starts[1:] - 1
    gaps = np.sort(
        np.concatenate([_carried_gaps(state, batch, max_gap_us), _gaps(batch, max_gap_us)]),
        order=["series", "from_us"],
    )
    length = gaps["to_us"] - gaps["from_us"]
    np.add.at(state["unmonitored_us"], gaps["series"], length)
    np.maximum.at(state["longest_gap_us"], gaps["series"], length)
    fresh = state["received"][ids] == 0
    state["first_us"][ids[fresh]] = batch.time_us[first[fresh]]
    state["received"][ids] += last + 1 - first
    state["last_us"][ids] = batch.time_us[last]
    state["last_value"][ids] = batch.value[last]
    return gaps


def _carried_gaps(state: Records, batch: Batch, max_gap_us: IntArray) -> Records:
    """Return the gaps between what is carried and the first reading of each series."""
    ids = batch.ids
    since, until = state["last_us"][ids], batch.time_us[batch.starts[:-1]]
    far = (state["received"][ids] > 0) & (until - since > max_gap_us[ids])
    return _records(ids[far], since[far], until[far])


def _gaps(batch: Batch, max_gap_us: IntArray) -> Records:
    """Return the gaps within the batch.

    Nearly all readings follow closely, so that one comparison with the shortest allowance leaves
    few rows to look at properly.
    """
    ids, time_us = batch.ids, batch.time_us
    shortest = int(max_gap_us[ids].min()) if len(ids) else 0
    found = [np.zeros(0, dtype=np.int64)]
    for low in range(0, len(batch), BLOCK):
        instants = time_us[low : low + BLOCK + 1]
        found.append(np.flatnonzero(instants[1:] - instants[:-1] > shortest) + low)
    before = np.concatenate(found)
    owner = batch.series[before]
    far = owner == batch.series[before + 1]
    far &= time_us[before + 1] - time_us[before] > max_gap_us[owner]
    before = before[far]
    return _records(owner[far], time_us[before], time_us[before + 1])


def _records(series: IntArray, from_us: IntArray, to_us: IntArray) -> Records:
    gaps = np.zeros(len(series), dtype=GAP)
    gaps["series"], gaps["from_us"], gaps["to_us"] = series, from_us, to_us
    return gaps
