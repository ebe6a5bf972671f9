"""Judge shipments by what was just stored: the one place where detection meets the store.

In the transaction that stores readings: lock the shipments concerned, continue their detection,
write excursions, verdicts and alerts. A fault here never holds up storing: the work is undone to a
savepoint and the shipments are judged again later, from their readings.
"""

import logging
from datetime import datetime

import numpy as np

from alerts.judging import Judging
from alerts.known_profiles import KnownProfiles
from alerts.windows import assign
from schemas.instants import from_us, to_us
from schemas.reading import IntArray, ReadingBatch
from store.database import Session, is_connection_lost
from store.watches import Span, Watch, lock_by_loggers, lock_shipments, mark_due, watches_of

logger = logging.getLogger(__name__)

_FOREVER_US = int(np.iinfo(np.int64).max)


class Judge:
    """Judges shipments; remembers nothing between calls but immutable profiles."""

    def __init__(self) -> None:
        self._profiles = KnownProfiles()

    def judge(self, session: Session, readings: ReadingBatch, logger_ids: IntArray) -> None:
        """Continue the judgement of every shipment that newly stored readings belong to.

        Args:
            session: The transaction that stored them.
            readings: What is new, in any order, each instant of a logger once.
            logger_ids: `logger.id` of each, shape (n,).
        """
        concerned = np.unique(logger_ids).tolist()
        if not concerned:
            return
        span = _span(readings)
        try:
            with session.begin_nested():
                self._continue(session, readings, logger_ids, concerned, span)
        except Exception as error:  # whatever is wrong with detection, readings are stored
            if is_connection_lost(error):
                raise  # nothing is wrong with detection; the batch is tried again as a whole
            logger.exception("judging failed; shipments will be judged again from their readings")
            mark_due(session, concerned, span)

    def _continue(
        self,
        session: Session,
        readings: ReadingBatch,
        logger_ids: IntArray,
        concerned: list[int],
        span: Span,
    ) -> None:
        standings = lock_by_loggers(session, concerned, span)
        watches = watches_of(session, [standing.shipment_id for standing in standings])
        watch, rows = assign(
            logger_ids,
            readings.time_us,
            watch_logger=np.array([watch.logger_id for watch in watches], dtype=np.int64),
            begin_us=np.array([watch.begin_us for watch in watches], dtype=np.int64),
            end_us=np.array([_end_us(watch) for watch in watches], dtype=np.int64),
        )
        if not len(rows):
            return
        touched = {watches[index].shipment_id for index in np.unique(watch).tolist()}
        judging = Judging(session, self._profiles, standings, watches, touched)
        judging.go_on(watch, readings.take(rows))
        judging.finish()

    def judge_now(self, session: Session, shipment_id: int, *, now: datetime) -> None:
        """Judge one shipment as of now: what was not measured by now counts against coverage."""
        standings = lock_shipments(session, [shipment_id])
        watches = watches_of(session, [shipment_id])
        judging = Judging(session, self._profiles, standings, watches, {shipment_id})
        judging.finish(as_of_us=to_us(now))

    def judge_again(self, session: Session, shipment_id: int) -> None:
        """Judge one shipment from all its stored readings, as if it had never been judged."""
        standings = lock_shipments(session, [shipment_id])
        watches = watches_of(session, [shipment_id])
        judging = Judging(session, self._profiles, standings, watches, {shipment_id})
        judging.start_over()
        judging.finish()


def _span(readings: ReadingBatch) -> Span:
    times = readings.time_us
    return Span(earliest=from_us(int(times.min())), latest=from_us(int(times.max())))


def _end_us(watch: Watch) -> int:
    return _FOREVER_US if watch.end_us is None else watch.end_us
