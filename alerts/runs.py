"""Stays beyond one threshold: where each starts and ends, how far and how long."""

from dataclasses import dataclass

import numpy as np

from alerts.batch import BoolArray
from alerts.state import RUN, Records
from alerts.track import Track
from schemas.reading import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Runs of a track beyond one threshold, in the order of its rows, shape (r,) each.

    Attributes:
        head: First row that is inside the run. `tail`: last row that is.
        owner: Which series of the track.
        carried: Whether the run was already running before the batch.
        running: Whether no reading has ended it.
        started_us: Instant of the crossing, or of the first reading where that is unknown.
        ended_us: Same for the end; of the last reading inside for a run that goes on.
        last_us: Instant of the last reading inside.
        unmonitored_us: Time across gaps inside the run; not counted in `duration_us`.
        excess_mc_ms: Integral of the excess over the threshold, milli-degrees x milliseconds.
        reading_count: Readings inside. `peak`: the highest of them, signed channel.
    """

    head: IntArray
    tail: IntArray
    owner: IntArray
    carried: BoolArray
    running: BoolArray
    started_us: IntArray
    ended_us: IntArray
    last_us: IntArray
    unmonitored_us: IntArray
    excess_mc_ms: IntArray
    reading_count: IntArray
    peak: FloatArray

    @property
    def duration_us(self) -> IntArray:
        """Return the monitored time of each run, microseconds."""
        return self.ended_us - self.started_us - self.unmonitored_us


def trace(track: Track, threshold: FloatArray, release: FloatArray, before: Records) -> Runs:
    """Return the runs of a track beyond a threshold, continuing those carried.

    Args:
        track: Signed readings of m series.
        threshold: Beyond is above this, shape (m,).
        release: At or below this a run is over, shape (m,).
        before: `RUN` records of the m series before the batch.
    """
    carries = before["reading_count"] > 0
    inside = _inside(track, threshold, release, carries)
    head, tail = _bounds(track, inside)
    owner = track.owner[head]
    carried = carries[owner] & (head == track.first[owner])
    running = tail == track.last[owner]
    then = before[owner]
    excess = _excess_before(track, threshold)
    count = tail - head + 1 + np.where(carried, then["reading_count"] - 1, 0)
    gaps = track.unmonitored_us[tail] - track.unmonitored_us[head]
    area = excess[np.where(running, tail, tail + 1)]
    area = area - excess[np.where(head == track.first[owner], head, head - 1)]
    peak = _highest(track.value, head, tail)
    return Runs(
        head=head,
        tail=tail,
        owner=owner,
        carried=carried,
        running=running,
        started_us=np.where(carried, then["started_us"], _start(track, threshold, head)),
        ended_us=_end(track, release, tail),
        last_us=track.time_us[tail],
        unmonitored_us=gaps + np.where(carried, then["unmonitored_us"], 0),
        excess_mc_ms=area + np.where(carried, then["excess_mc_ms"], 0),
        reading_count=count,
        # + 0.0 makes one zero of two: which of 0.0 and -0.0 is the maximum depends on the split.
        peak=np.where(carried, np.maximum(peak, then["peak"]), peak) + 0.0,
    )


def carry(runs: Runs, series: int) -> Records:
    """Return `RUN` records to carry for `series` series: runs that go on, zeros elsewhere."""
    after = np.zeros(series, dtype=RUN)
    on = runs.running
    for name in RUN.names or ():
        after[name][runs.owner[on]] = getattr(runs, name)[on]
    return after


def _inside(
    track: Track, threshold: FloatArray, release: FloatArray, carries: BoolArray
) -> BoolArray:
    """Return for each row whether it is inside a run: beyond, or beyond before and not released.

    The first row of a series always decides, so that nothing is inherited from a neighbour.
    """
    owner, value = track.owner, track.value
    beyond: BoolArray = value > threshold[owner]
    decides = beyond | (value <= release[owner])
    decides[track.first] = True
    beyond[track.first] |= carries
    rows = np.where(decides, np.arange(len(value)), 0)
    return beyond[np.maximum.accumulate(rows)]


def _bounds(track: Track, inside: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the first and last row of each run; no run goes over from one series to the next."""
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    starts[track.first] = inside[track.first]
    ends = inside.copy()
    ends[:-1] &= ~inside[1:]
    ends[track.last] = inside[track.last]
    return np.flatnonzero(starts), np.flatnonzero(ends)


def _crossing(track: Track, row: IntArray, level: FloatArray) -> IntArray:
    """Return the instant at which the line from each row to the next passes a level."""
    since, until = track.time_us[row], track.time_us[row + 1]
    low, high = track.value[row], track.value[row + 1]
    return since + np.rint((level - low) / (high - low) * (until - since)).astype(np.int64)


def _start(track: Track, threshold: FloatArray, head: IntArray) -> IntArray:
    """Return when each run starts: the crossing, where the reading before is near enough."""
    started = track.time_us[head]
    near = head > 0
    near[near] = track.near[head[near] - 1]
    # A carried run has no crossing: its first row is the first row of the series, never near.
    started[near] = _crossing(track, head[near] - 1, threshold[track.owner[head[near]]])
    return started


def _end(track: Track, release: FloatArray, tail: IntArray) -> IntArray:
    """Return when each run ends: the crossing, where the reading after is near enough."""
    ended = track.time_us[tail]
    near = tail + 1 < len(track.time_us)
    near[near] = track.near[tail[near]]
    ended[near] = _crossing(track, tail[near], release[track.owner[tail[near]]])
    return ended


def _excess_before(track: Track, threshold: FloatArray) -> IntArray:
    """Return the integral of the excess over the threshold up to each row, shape (n,).

    The exact area between the threshold and the line through two readings; 0 across a gap. Each
    pair is rounded to an integer first, so that any split of the readings adds up to the same.
    """
    over = track.value - threshold[track.owner]
    positive = np.maximum(over, 0.0)
    both = positive[1:] + positive[:-1]
    height = np.abs(over)
    span = height[1:] + height[:-1]
    span[span == 0] = 1.0
    apart = np.where(track.near, track.time_us[1:] - track.time_us[:-1], 0)
    area = both * both / span * (apart * 0.5)
    return np.append(0, np.cumsum(np.rint(area).astype(np.int64)))


def _highest(value: FloatArray, head: IntArray, tail: IntArray) -> FloatArray:
    """Return the highest value from `head` to `tail`, both included, of each run."""
    if not len(head):
        return np.zeros(0)
    bounds = np.stack([head, tail + 1], axis=1).ravel()
    return np.maximum.reduceat(np.append(value, -np.inf), bounds)[::2]
