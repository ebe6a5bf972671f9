"""The way of a batch, in one transaction: decode, store, set aside, judge, count; then commit.

Every reading taken ends as stored, known already, or set aside with its message; the sum is
checked before the commit.
"""

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from alerts.judge import Judge
from ingest.decode import Decoded, Limits, decode
from ingest.kill_points import reached
from ingest.message import Message
from ingest.stored import StoredReport
from schemas.errors import ConservationError, DecodeError, QuarantineReason, StoreUnavailable
from schemas.instants import from_us
from schemas.reading import IntArray
from schemas.settings import Settings
from store.chunks import Chunks
from store.database import Engine, Session, transaction
from store.ingest_counts import Counts, add_counts
from store.quarantine import set_aside
from store.readings import Inserted, find_logger_ids, insert_new

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a batch came to, once committed.

    Attributes:
        counts: Messages taken; readings stored, known, and set aside.
        faults: Why messages were set aside, by index.
        stored: Sequence numbers now safe, for the report to loggers.
    """

    counts: Counts
    faults: dict[int, DecodeError] = field(default_factory=dict)
    stored: StoredReport = field(default_factory=StoredReport)

    def joined_with(self, later: "Outcome", *, offset: int) -> "Outcome":
        """Return this outcome and that of the messages from `offset` on as one."""
        self.stored.extend(later.stored)
        faults = {index + offset: fault for index, fault in later.faults.items()}
        return Outcome(
            counts=self.counts + later.counts, faults=self.faults | faults, stored=self.stored
        )


class Pipeline:
    """Carries batches of messages into the database."""

    def __init__(self, engine: Engine, settings: Settings, judge: Judge) -> None:
        self._engine = engine
        self._client_id = settings.mqtt_client_id
        self._chunks = Chunks(engine)
        self._judge = judge
        self._logger_ids: dict[str, int] = {}  # a registered logger keeps its number
        self._limits = Limits(
            future_us=settings.future_s * 1_000_000,
            oldest_us=settings.oldest_days * 86_400_000_000,
            message_bytes=settings.message_bytes,
        )

    def decode(self, messages: list[Message]) -> Decoded:
        """Return the readings and faults of a batch; pure."""
        return decode(messages, self._limits)

    def process(self, messages: list[Message], decoded: Decoded | None = None) -> Outcome:
        """Store a batch; what it returns is committed.

        Args:
            messages: The batch.
            decoded: Its readings, where they are decoded already.

        Raises:
            StoreUnavailable: The database failed; nothing of the batch is stored.
            ConservationError: Readings are unaccounted for; nothing of the batch is stored.
        """
        decoded = decoded or self.decode(messages)
        self._prepare_chunks(decoded)
        with transaction(self._engine) as session:
            outcome = self._store(session, messages, decoded)
            for index, fault in outcome.faults.items():
                _set_aside(session, messages[index], fault)
            add_counts(session, self._client_id, outcome.counts, at=datetime.now(UTC))
            reached("ingest.before_commit")
        return outcome

    def process_one_by_one(
        self, messages: list[Message], decoded: Decoded | None = None
    ) -> Outcome:
        """Store a batch that cannot be stored as a whole, by halving it.

        The message that fails alone, because the database refuses it or because of a bug of ours,
        goes to quarantine; the others are stored.

        Args:
            messages: The batch.
            decoded: Its readings, where they are decoded already.

        Raises:
            StoreUnavailable: The database became unavailable meanwhile; earlier halves are stored,
                and storing them again changes nothing.
        """
        try:
            return self.process(messages, decoded)
        except StoreUnavailable as error:
            if error.transient:
                raise
            if len(messages) == 1:
                return self._refuse(messages[0], str(error))
        except Exception as error:  # a bug that one message wakes must not hold up the others
            if len(messages) == 1:
                logger.exception("a message woke a bug; it is set aside")
                return self._refuse(messages[0], f"{type(error).__name__}: {error}")
        half = len(messages) // 2
        first = self.process_one_by_one(messages[:half])
        second = self.process_one_by_one(messages[half:])
        return first.joined_with(second, offset=half)

    def _refuse(self, message: Message, detail: str) -> Outcome:
        fault = DecodeError(QuarantineReason.UNDECODABLE, detail)
        counts = Counts(messages=1, quarantined=1)
        with transaction(self._engine) as session:
            _set_aside(session, message, fault)
            add_counts(session, self._client_id, counts, at=datetime.now(UTC))
        return Outcome(counts=counts, faults={0: fault})

    def _ids(self, session: Session, decoded: Decoded) -> IntArray:
        """Return `logger.id` of each reading, 0 where no such logger is registered."""
        known = self._logger_ids
        unknown = [serial for serial in decoded.serials if serial not in known]
        if unknown:
            known.update(find_logger_ids(session, unknown))
        of_serial = np.array([known.get(serial, 0) for serial in decoded.serials], dtype=np.int64)
        return of_serial[decoded.readings.logger]

    def _prepare_chunks(self, decoded: Decoded) -> None:
        times = decoded.readings.time_us
        if len(times):
            self._chunks.prepare(from_us(times.min()), from_us(times.max()))

    def _store(self, session: Session, messages: list[Message], decoded: Decoded) -> Outcome:
        faults = dict(decoded.faults)
        ids = self._ids(session, decoded)
        known = ids > 0
        for index in np.unique(decoded.message[~known]).tolist():
            serial = messages[index].topic.split("/")[2]
            faults[index] = DecodeError(
                QuarantineReason.UNKNOWN_LOGGER,
                f"No logger {serial!r} is registered. Register it, then replay this message.",
            )
        readings, of_message = decoded.readings, decoded.message
        if not known.all():
            readings, ids, of_message = readings.take(known), ids[known], of_message[known]
        inserted = insert_new(session, readings, ids)
        reached("ingest.after_copy")
        faults.update(_conflicts(inserted, readings.time_us, of_message))
        self._judge.judge(session, readings.take(inserted.new), ids[inserted.new])
        counts = Counts(
            messages=len(messages),
            readings=int(inserted.new.sum()),
            duplicates=inserted.duplicates,
            quarantined=len(faults),
            ignored_records=decoded.ignored_records,
        )
        _check_conservation(len(readings), inserted)
        stored = StoredReport()
        stored.add(decoded.serials, readings.logger, readings.seq)
        return Outcome(counts=counts, faults=faults, stored=stored)


def _conflicts(
    inserted: Inserted, time_us: IntArray, of_message: IntArray
) -> dict[int, DecodeError]:
    instants: dict[int, list[str]] = defaultdict(list)
    for row in np.flatnonzero(inserted.conflict).tolist():
        instants[int(of_message[row])].append(from_us(time_us[row]).isoformat())
    return {
        index: DecodeError(
            QuarantineReason.CONFLICT,
            f"{len(found)} of its readings contradict what is stored for the same instant, first "
            f"at {found[0]}. What was stored first stays; this message is kept as evidence.",
        )
        for index, found in instants.items()
    }


def _check_conservation(taken: int, inserted: Inserted) -> None:
    new, conflicts = int(inserted.new.sum()), int(inserted.conflict.sum())
    if new + inserted.duplicates + conflicts != taken or inserted.duplicates < 0:
        raise ConservationError(
            taken=taken, inserted=new, duplicates=inserted.duplicates, conflicts=conflicts
        )


def _set_aside(session: Session, message: Message, fault: DecodeError) -> None:
    set_aside(
        session,
        topic=message.topic,
        payload=message.payload,
        content_type=message.content_type,
        received_at=from_us(message.received_us),
        reason=fault.reason,
        detail=fault.detail,
    )
