"""The ingest process: connect, take batches, store, acknowledge; sweep beside it."""

import gc
import logging
import threading
from datetime import UTC, datetime

from alerts.judge import Judge
from ingest.ahead import decoded_ahead
from ingest.consumer import Consumer
from ingest.decode import Decoded
from ingest.kill_points import reached
from ingest.mailbox import Mailbox
from ingest.message import Message
from ingest.pipeline import Outcome, Pipeline
from ingest.stored import StoredReport
from ingest.sweep import Sweep
from schemas.errors import ConfigurationError, StoreUnavailable
from schemas.settings import Settings
from store.database import Engine, open_engine, transaction
from store.ingest_counts import Counts, add_counts, has_run_before

logger = logging.getLogger(__name__)

_RECEIVE_MAXIMUM = 65_535
_LONGEST_WAIT_S = 5.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Take readings from the broker into the database until told to stop.

    Args:
        settings: `database_url` and `mqtt_url` must be set.
        stop: Ends the process cleanly: what is taken is committed and acknowledged first.

    Raises:
        ConfigurationError: A URL is missing or wrong.
    """
    if settings.database_url is None or settings.mqtt_url is None:
        raise ConfigurationError(
            "Ingest needs UNBROKEN_DATABASE_URL and UNBROKEN_MQTT_URL; "
            "`unbroken up` starts it with the embedded database and broker."
        )
    engine = open_engine(settings.database_url)
    mailbox = Mailbox(
        messages=settings.mailbox_messages,
        budget_bytes=settings.mailbox_bytes,
        batch_messages=settings.batch_messages,
        batch_bytes=settings.batch_bytes,
    )
    judge = Judge()
    pipeline = Pipeline(engine, settings, judge)
    lost = _LostSessions(engine, settings.mqtt_client_id)
    consumer = Consumer(
        url=settings.mqtt_url,
        client_id=settings.mqtt_client_id,
        mailbox=mailbox,
        receive_maximum=min(settings.mailbox_messages, _RECEIVE_MAXIMUM),
        protocol=settings.mqtt_protocol,
        on_session_lost=lost.note,
    )
    safe = _Safe(consumer)
    sweep = Sweep(
        engine, settings, pipeline=pipeline, judge=judge, report=lambda: _report(safe, lost)
    )
    threads = [
        threading.Thread(target=sweep.run, args=(stop,), name="sweep", daemon=True),
        threading.Thread(target=_close_on, args=(stop, mailbox), name="stop", daemon=True),
    ]
    with transaction(engine) as session:
        known = has_run_before(session, settings.mqtt_client_id)
    consumer.start(session_expected=known and settings.mqtt_keeps_sessions)
    for thread in threads:
        thread.start()
    _rest_the_collector()
    for batch, decoded in decoded_ahead(mailbox.batches(), pipeline.decode):
        outcome = _carry(pipeline, batch, decoded, stop)
        if outcome is None:
            break
        reached("ingest.after_commit_before_ack")
        consumer.acknowledge(batch[: len(batch) // 2])
        reached("ingest.mid_acks")
        consumer.acknowledge(batch[len(batch) // 2 :])
        safe.add(outcome.stored)
    safe.tell()
    consumer.stop()
    engine.dispose()


def _rest_the_collector() -> None:
    """Look for cycles rarely: a batch makes a hundred thousand objects and no cycle."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def _close_on(stop: threading.Event, mailbox: Mailbox) -> None:
    stop.wait()
    mailbox.close()


def _carry(
    pipeline: Pipeline, batch: list[Message], decoded: Decoded | None, stop: threading.Event
) -> Outcome | None:
    """Store a batch, for as long as it takes; None when told to stop before that.

    While the database is away the mailbox fills and TCP pushes back: the broker keeps the rest.
    """
    wait_s, failing = 0.1, False
    while True:
        try:
            outcome = pipeline.process_one_by_one(batch, decoded)
        except StoreUnavailable as error:
            if not failing:
                logger.error("database is away; the batch is kept", extra={"error": str(error)})  # noqa: TRY400 - foreseen, no traceback
            failing = True
            if stop.wait(wait_s):
                return None
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
        else:
            if failing:
                logger.info("database is back; nothing was lost")
            return outcome


class _LostSessions:
    """Counts sessions that the broker forgot: noted at once, written down when the database can.

    Broker and database often fail together, and the network thread must not wait for either.
    """

    def __init__(self, engine: Engine, client_id: str) -> None:
        self._engine, self._client_id = engine, client_id
        self._lock = threading.Lock()
        self._noted = 0

    def note(self) -> None:
        with self._lock:
            self._noted += 1

    def write_down(self) -> None:
        with self._lock:
            noted = self._noted
        if not noted:
            return
        with transaction(self._engine) as session:
            counts = Counts(sessions_lost=noted)
            add_counts(session, self._client_id, counts, at=datetime.now(UTC))
        with self._lock:
            self._noted -= noted


def _report(safe: "_Safe", lost: _LostSessions) -> None:
    safe.tell()
    lost.write_down()


class _Safe:
    """Reports to loggers what is stored; a report that is lost is harmless, they ask again."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._lock = threading.Lock()
        self._report = StoredReport()

    def add(self, stored: StoredReport) -> None:
        with self._lock:
            self._report.extend(stored)

    def tell(self) -> None:
        with self._lock:
            report, self._report = self._report, StoredReport()
        for topic, payload in report.take(datetime.now(UTC)):
            self._consumer.publish(topic, payload)
