"""What ingest does between batches: silences, offers, shipments due, replays, reports."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from alerts.judge import Judge
from alerts.silence_watch import SilenceWatch
from custody.unanswered import call_about_offers
from ingest.message import Message
from ingest.pipeline import Pipeline
from schemas.errors import ColdChainError, StoreUnavailable
from schemas.instants import to_us
from schemas.settings import Settings
from store.chunks import apply_policies
from store.database import Engine, transaction
from store.outbox import prune
from store.quarantine import list_replays_requested, lock_for_replay, record_replay
from store.watches import list_due, put_off

logger = logging.getLogger(__name__)

_KEEP_HOUSE_EVERY = timedelta(hours=6)
_OFFERS_EVERY = timedelta(seconds=30)


class Sweep:
    """A thread that does due work every `sweep_every_s`; one that fails is tried again."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        *,
        pipeline: Pipeline,
        judge: Judge,
        report: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            engine: The database.
            settings: How often, and for how long readings are kept.
            pipeline: Takes messages that are replayed.
            judge: Judges shipments that are due.
            report: Tells loggers what is stored.
        """
        self._engine, self._every_s = engine, settings.sweep_every_s
        self._settings = settings
        self._pipeline, self._judge = pipeline, judge
        self._silence = SilenceWatch(judge)
        self._tasks = (
            report,
            self._replay,
            self._judge_due,
            self._look_for_silence,
            self._look_for_offers,
        )
        self._offers_seen_at: datetime | None = None
        self._failing: set[str] = set()
        self._house_kept_at: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Sweep until told to stop."""
        while not stop.wait(self._every_s):
            for task in (*self._tasks, self._keep_house):
                self._try(task)

    def _try(self, task: Callable[[], None]) -> None:
        # A bug in one task must not end the others: nobody would notice silence any more.
        name = getattr(task, "__name__", str(task))
        try:
            task()
        except ColdChainError as error:
            if name not in self._failing:
                logger.warning("sweep failing", extra={"task": name, "error": str(error)})
            self._failing.add(name)
        except Exception:
            if name not in self._failing:
                logger.exception(
                    "a bug in the sweep; the task is tried again", extra={"task": name}
                )
            self._failing.add(name)
        else:
            if name in self._failing:
                logger.info("sweep works again", extra={"task": name})
            self._failing.discard(name)

    def _replay(self) -> None:
        with transaction(self._engine) as session:
            requested = list_replays_requested(session)
        failures: list[Exception] = []
        for row_id in requested:
            try:
                self._replay_one(row_id)
            except StoreUnavailable as failure:
                failures.append(failure)
                if not failure.transient:
                    self._record_failed(row_id, failure)
            except Exception as failure:  # noqa: BLE001 - told below, after all others
                failures.append(failure)
                self._record_failed(row_id, failure)
        if failures:
            raise failures[0]

    def _replay_one(self, row_id: UUID) -> None:
        with transaction(self._engine) as session:
            found = lock_for_replay(session, row_id)
            if found is None:
                return
            topic, payload, content_type = found
            now = datetime.now(UTC)
            message = Message(0, 0, topic, payload, content_type, to_us(now))
            outcome = self._pipeline.process_one_by_one([message])
            fault = outcome.faults.get(0)
            words = (
                fault.detail
                if fault
                else f"stored {outcome.counts.readings} readings, "
                f"{outcome.counts.duplicates} were known"
            )
            record_replay(session, row_id, stored=fault is None, outcome=words)

    def _record_failed(self, row_id: UUID, failure: Exception) -> None:
        words = f"Failed, nothing was stored ({type(failure).__name__}: {failure}). Ask again."
        with transaction(self._engine) as session:
            record_replay(session, row_id, stored=False, outcome=words)

    def _judge_due(self) -> None:
        with transaction(self._engine) as session:
            due = list_due(session)
        failures: list[Exception] = []
        for shipment_id in due:
            try:
                with transaction(self._engine) as session:
                    self._judge.judge_again(session, shipment_id)
            except Exception as failure:  # noqa: BLE001 - told below, after all others had their turn
                failures.append(failure)
                self._put_off(shipment_id, failure)
        if failures:
            raise failures[0]

    def _put_off(self, shipment_id: int, failure: Exception) -> None:
        if isinstance(failure, StoreUnavailable) and failure.transient:
            return
        with transaction(self._engine) as session:
            put_off(session, shipment_id)

    def _look_for_offers(self) -> None:
        now = datetime.now(UTC)
        if self._offers_seen_at is not None and now - self._offers_seen_at < _OFFERS_EVERY:
            return
        with transaction(self._engine) as session:
            after = timedelta(minutes=self._settings.offer_answer_min)
            call_about_offers(session, after=after, now=now)
        self._offers_seen_at = now

    def _look_for_silence(self) -> None:
        self._silence.look(self._engine, now=datetime.now(UTC))

    def _keep_house(self) -> None:
        now = datetime.now(UTC)
        if self._house_kept_at is None or now - self._house_kept_at > _KEEP_HOUSE_EVERY:
            with transaction(self._engine) as session:
                prune(session, before=now - timedelta(days=self._settings.outbox_days))
            apply_policies(self._engine, self._settings)
            self._house_kept_at = now
