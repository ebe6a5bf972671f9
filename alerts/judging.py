"""One judgement of several shipments at once: continue or start over, then write it down."""

from collections import defaultdict
from datetime import UTC, datetime

import numpy as np

from alerts.batch import Batch
from alerts.calls import Calls
from alerts.detect import (
    Excursion,
    RuleSet,
    late_series,
    name_excursions,
    state_from_bytes,
    states_bytes,
    step,
)
from alerts.known_profiles import KnownProfiles
from alerts.standing import Newest, excursion_row, status_columns
from alerts.verdict_columns import OUTCOMES, Verdicts, Windows, judge_shipments
from schemas.reading import CHANNELS, NO_SEQ, FloatArray, IntArray, ReadingBatch
from store.database import Session
from store.judgements import (
    NewVerdict,
    add_verdicts,
    count_excursions,
    save_excursions,
    save_standings,
    withdraw_others,
)
from store.readings import read_columns
from store.watches import Standing, Watch, save_states

TEMP_C = CHANNELS.index("temp_c")
_SECOND_US = 1_000_000


class Judging:
    """Shipments under lock, their watches, rules and carried state. A *series* is one watch."""

    def __init__(
        self,
        session: Session,
        profiles: KnownProfiles,
        standings: list[Standing],
        watches: list[Watch],
        shipments: set[int],
    ) -> None:
        """Read what is needed to go on.

        Args:
            session: The transaction; every shipment is locked in it.
            profiles: Where to look profiles up.
            standings: Where the shipments stood.
            watches: All their watches.
            shipments: Which of them to judge.
        """
        self._session = session
        self._now = datetime.now(UTC)
        self._standings = [s for s in standings if s.shipment_id in shipments]
        place = {s.shipment_id: row for row, s in enumerate(self._standings)}
        self._kept = np.array([w.shipment_id in place for w in watches], dtype=bool)
        self._watches = [w for w in watches if w.shipment_id in place]
        self._shipment = np.array([place[w.shipment_id] for w in self._watches], dtype=np.int64)
        self._profiles = [profiles.get(session, w.profile_sha256) for w in self._watches]
        self._rules = RuleSet.from_profiles(
            self._profiles, accuracy_c=[w.accuracy_c for w in self._watches]
        )
        self._state = state_from_bytes([w.state for w in self._watches], self._rules.slots)
        self._excursions: list[Excursion] = []
        self._owner: list[int] = []
        self._over: list[int] = []
        self._doubted: set[int] = set()
        self._touched: IntArray = np.zeros(0, dtype=np.int64)
        self._newest = Newest(len(self._standings))

    def go_on(self, watch: IntArray, readings: ReadingBatch) -> None:
        """Continue with new readings; series that some of them come too late for start over.

        Args:
            watch: Index of each reading's watch among all watches given, shape (n,).
            readings: The new readings.
        """
        series = (np.cumsum(self._kept) - 1)[watch]
        self._newest.take(self._shipment[series], readings)
        batch = Batch.from_columns(series, readings.time_us, readings.values[:, TEMP_C])
        late = late_series(self._state, batch)
        if late.any():
            on_time = ~late[batch.series]
            columns = [(batch.series[on_time], batch.time_us[on_time], batch.value[on_time])]
            columns += [self._reread(index) for index in np.flatnonzero(late).tolist()]
            batch = _joined(columns)
        self._detect(batch)

    def start_over(self) -> None:
        """Judge every series from its stored readings."""
        columns = [self._reread(index, newest=True) for index in range(len(self._watches))]
        if columns:
            self._detect(_joined(columns))

    def _reread(
        self, series: int, *, newest: bool = False
    ) -> tuple[IntArray, IntArray, FloatArray]:
        watch = self._watches[series]
        time_us, values, received_us = read_columns(
            self._session, watch.logger_id, since_us=watch.begin_us, until_us=watch.end_us
        )
        self._state[series] = np.zeros((), dtype=self._state.dtype)
        self._over.append(series)
        index = np.full(len(time_us), series, dtype=np.int64)
        if newest:
            nothing = np.full(len(time_us), NO_SEQ, dtype=np.int64)
            self._newest.take(
                self._shipment[index],
                ReadingBatch(
                    logger=index,
                    time_us=time_us,
                    seq=nothing,
                    received_us=received_us,
                    values=values,
                ),
            )
        return index, time_us, values[:, TEMP_C]

    def _detect(self, batch: Batch) -> None:
        stepped = step(self._state, batch, self._rules)
        self._state = stepped.state
        self._touched = np.union1d(batch.ids, np.array(self._over, dtype=np.int64))
        names = [(watch.shipment_code, watch.serial) for watch in self._watches]
        found = name_excursions(stepped.findings, self._rules, names)
        self._excursions = found
        self._owner = stepped.findings["series"].tolist()

    def finish(self, *, as_of_us: int = 0) -> None:
        """Write states, excursions, verdicts, standings and alerts."""
        touched = self._touched.tolist()
        save_states(
            self._session,
            [self._watches[index] for index in touched],
            states_bytes(self._state, touched),
        )
        self._write_excursions()
        confirmed, possible = self._counts()
        windows = self._windows(as_of_us)
        verdicts = judge_shipments(self._state, self._shipment, windows, confirmed, possible)
        versions = self._write_verdicts(verdicts, windows)
        save_standings(
            self._session,
            status_columns(self._standings, self._newest, verdicts, versions, confirmed, possible),
        )
        found = list(zip(self._excursions, self._owner, strict=True))
        Calls(self._session, self._watches, self._profiles, now=self._now).raise_for(
            found, doubted=sorted(self._doubted)
        )

    def _write_excursions(self) -> None:
        rows = [
            excursion_row(excursion, self._watches[series], now=self._now)
            for excursion, series in zip(self._excursions, self._owner, strict=True)
        ]
        save_excursions(self._session, rows)
        kept: dict[int, list[Excursion]] = defaultdict(list)
        for excursion, series in zip(self._excursions, self._owner, strict=True):
            kept[series].append(excursion)
        for series in self._over:
            watch = self._watches[series]
            withdrawn = withdraw_others(
                self._session,
                shipment_id=watch.shipment_id,
                logger_id=watch.logger_id,
                keep=[excursion.id for excursion in kept[series]],
                at=self._now,
            )
            if withdrawn:
                self._doubted.add(watch.shipment_id)

    def _counts(self) -> tuple[IntArray, IntArray]:
        changed = {self._watches[series].shipment_id for series in (*self._owner, *self._over)}
        counted = count_excursions(self._session, sorted(changed)) if changed else {}
        pairs = [
            counted.get(s.shipment_id, (0, 0))
            if s.shipment_id in changed
            else (s.confirmed, s.possible)
            for s in self._standings
        ]
        columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return columns[:, 0], columns[:, 1]

    def _windows(self, as_of_us: int) -> Windows:
        count = len(self._standings)
        begin = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(begin, self._shipment, [w.begin_us for w in self._watches])
        end = np.full(count, as_of_us, dtype=np.int64)
        np.maximum.at(end, self._shipment, self._state["last_us"])
        for row, standing in enumerate(self._standings):
            if standing.delivered_us is not None:
                end[row] = standing.delivered_us
        terms = np.zeros((count, 3), dtype=np.int64)
        terms[self._shipment] = [
            (
                profile.max_gap_s * _SECOND_US,
                profile.minimum_coverage_pct,
                profile.logging_interval_s * _SECOND_US,
            )
            for profile in self._profiles
        ] or np.zeros((0, 3))
        return Windows(
            begin_us=np.minimum(begin, end),
            end_us=end,
            max_gap_us=terms[:, 0],
            minimum_pct=terms[:, 1],
            interval_us=np.maximum(terms[:, 2], 1),
        )

    def _write_verdicts(self, verdicts: Verdicts, windows: Windows) -> list[int]:
        """Keep a new version where the outcome changed; return the version of each shipment."""
        versions, new = [], []
        for row, standing in enumerate(self._standings):
            changed = OUTCOMES[verdicts.outcome[row]] != standing.outcome
            versions.append(standing.version + changed)
            if changed:
                as_of_us = int(windows.end_us[row])
                new.append(
                    NewVerdict(
                        shipment_id=standing.shipment_id,
                        version=versions[-1],
                        document=verdicts.at(row, as_of_us).document(),
                        as_of_us=as_of_us,
                    )
                )
        add_verdicts(self._session, new, now=self._now)
        return versions


def _joined(columns: list[tuple[IntArray, IntArray, FloatArray]]) -> Batch:
    """Return readings of several series, each as series, time and value, as one batch."""
    series, time_us, value = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return Batch.from_columns(series, time_us, value)
