"""Where shipments stand after a judgement, as rows and columns of the store."""

from datetime import datetime
from typing import Any

import numpy as np

from alerts.findings import Certainty, Excursion
from alerts.verdict_columns import Verdicts
from schemas.instants import from_us, to_us
from schemas.profile_parts import Severity, Side
from schemas.reading import CHANNELS, FloatArray, IntArray, ReadingBatch
from store.copy_rows import NEVER_US
from store.judgements import StatusColumns
from store.tables.judgement import Excursion as ExcursionRow
from store.watches import Standing, Watch

_SHOWN = tuple(CHANNELS.index(name) for name in ("temp_c", "ambient_c", "tilt_deg"))
_LAT, _LON = CHANNELS.index("lat"), CHANNELS.index("lon")


class Newest:
    """The newest reading, and the newest position, of each of p shipments."""

    def __init__(self, shipments: int) -> None:
        self.measured_us = np.full(shipments, NEVER_US)
        self.received_us = np.full(shipments, NEVER_US)
        self.shown: FloatArray = np.full((shipments, len(_SHOWN)), np.nan)
        self.position_us = np.full(shipments, NEVER_US)
        self.position: FloatArray = np.full((shipments, 2), np.nan)

    def take(self, shipment: IntArray, readings: ReadingBatch) -> None:
        """Look at more readings; `shipment` says whose each is, shape (n,)."""
        np.maximum.at(self.received_us, shipment, readings.received_us)
        told = np.flatnonzero(~np.isnan(readings.values[:, _SHOWN[0]]))
        self._keep_last(self.measured_us, self.shown, shipment, readings, told, list(_SHOWN))
        placed = np.flatnonzero(~np.isnan(readings.values[:, [_LAT, _LON]]).any(axis=1))
        self._keep_last(self.position_us, self.position, shipment, readings, placed, [_LAT, _LON])

    @staticmethod
    def _keep_last(
        newest_us: IntArray,
        kept: FloatArray,
        shipment: IntArray,
        readings: ReadingBatch,
        rows: IntArray,
        columns: list[int],
    ) -> None:
        order = rows[np.argsort(readings.time_us[rows], kind="stable")]
        last = np.full(len(newest_us), -1, dtype=np.int64)
        last[shipment[order]] = order
        which = np.flatnonzero(last >= 0)
        which = which[readings.time_us[last[which]] >= newest_us[which]]
        newest_us[which] = readings.time_us[last[which]]
        kept[which] = readings.values[last[which]][:, columns]


def status_columns(
    standings: list[Standing],
    newest: Newest,
    verdicts: Verdicts,
    versions: list[int],
    confirmed: IntArray,
    possible: IntArray,
) -> StatusColumns:
    """Return what to write about each shipment."""
    told = np.maximum(verdicts.required_us, 1)
    coverage = np.where(
        verdicts.required_us > 0,
        verdicts.covered_us * 10_000 // told / 100,
        np.where(verdicts.received > 0, 100.0, 0.0),
    )
    until = [NEVER_US if s.delivered_us is None else s.delivered_us for s in standings]
    return StatusColumns(
        shipment_id=np.array([standing.shipment_id for standing in standings], dtype=np.int64),
        measured_at=newest.measured_us,
        received_at=newest.received_us,
        temp_c=newest.shown[:, 0],
        ambient_c=newest.shown[:, 1],
        tilt_deg=newest.shown[:, 2],
        lat=newest.position[:, 0],
        lon=newest.position[:, 1],
        position_at=newest.position_us,
        outcome=verdicts.outcome,
        verdict_version=np.array(versions, dtype=np.int64),
        coverage_pct=coverage,
        longest_gap_s=verdicts.longest_gap_us / 1e6,
        received=verdicts.received,
        expected=verdicts.expected,
        confirmed=confirmed,
        possible=possible,
        judged_until=np.array(until, dtype=np.int64),
    )


def excursion_row(excursion: Excursion, watch: Watch, *, now: datetime) -> dict[str, Any]:
    """Return an excursion as a row of the store.

    One that runs when the watch ends, at delivery, ends with it: nobody looks any further.
    """
    ended = watch.end_us if excursion.ended_us is None else excursion.ended_us
    return {
        "id": excursion.id,
        "shipment_id": watch.shipment_id,
        "logger_id": watch.logger_id,
        "rule_id": excursion.rule_id,
        "side": excursion.side.value,
        "limit_c": excursion.limit_c,
        "threshold_c": excursion.threshold_c,
        "accuracy_c": excursion.accuracy_c,
        "severity": excursion.severity.value,
        "certainty": excursion.certainty.value,
        "started_at": from_us(excursion.started_us),
        "ended_at": None if ended is None else from_us(ended),
        "last_at": from_us(excursion.last_us),
        "peak_c": excursion.peak_c,
        "duration_us": excursion.duration_us,
        "unmonitored_us": excursion.unmonitored_us,
        "excess_mc_ms": excursion.excess_mc_ms,
        "reading_count": excursion.reading_count,
        "first_seen_at": now,
    }


def excursion_of(row: ExcursionRow, watch: Watch) -> Excursion:
    """Return a row of the store as an excursion."""
    return Excursion(
        id=row.id,
        shipment=watch.shipment_code,
        logger=watch.serial,
        rule_id=row.rule_id,
        severity=Severity(row.severity),
        certainty=Certainty(row.certainty),
        side=Side(row.side),
        limit_c=row.limit_c,
        threshold_c=row.threshold_c,
        accuracy_c=row.accuracy_c,
        started_us=to_us(row.started_at),
        ended_us=None if row.ended_at is None else to_us(row.ended_at),
        last_us=to_us(row.last_at),
        peak_c=row.peak_c,
        duration_us=row.duration_us,
        unmonitored_us=row.unmonitored_us,
        excess_mc_ms=row.excess_mc_ms,
        reading_count=row.reading_count,
    )
