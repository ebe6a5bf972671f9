"""A message that wakes a bug is set aside alone; the others of its batch are stored."""

import pytest
from sqlalchemy import text

from alerts.judge import Judge
from ingest.ahead import decoded_ahead
from ingest.decode import Decoded
from ingest.message import Message
from ingest.pipeline import Pipeline
from schemas.errors import ConservationError
from schemas.instants import to_us
from schemas.reading import CHANNELS, IntArray, ReadingBatch
from schemas.settings import Settings
from store.database import Engine, Session, transaction
from tests.support.nouns import START, make_shipments
from tests.support.senml import message

pytestmark = pytest.mark.store

LENIENT = Settings(oldest_days=4000)
POISON_C = -111.0
TEMP_C = CHANNELS.index("temp_c")


class BuggyDecoding(Pipeline):
    def decode(self, messages: list[Message]) -> Decoded:
        for one in messages:
            if str(POISON_C).encode() in one.payload:
                raise IndexError("beyond the end")
        return super().decode(messages)


class BuggyStoring(Judge):
    def judge(self, session: Session, readings: ReadingBatch, logger_ids: IntArray) -> None:
        if POISON_C in readings.values[:, TEMP_C]:
            raise ConservationError(taken=3, inserted=1, duplicates=1, conflicts=0)
        super().judge(session, readings, logger_ids)


def eleven_messages() -> list[Message]:
    start = to_us(START)
    return [
        message("LG-1", [(start + n * 60_000_000, POISON_C if n == 7 else -170.0, n)])
        for n in range(11)
    ]


def set_aside(engine: Engine) -> list[tuple[str, str]]:
    with transaction(engine) as session:
        rows = session.connection().execute(text("SELECT reason, detail FROM quarantine"))
        return [(reason, detail) for reason, detail in rows]


def stored(engine: Engine) -> int:
    with transaction(engine) as session:
        rows = session.connection().execute(text("SELECT count(*) FROM reading"))
        return int(rows.scalar_one())


def test_a_message_that_breaks_the_decoder_is_set_aside_alone(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    make_shipments(engine, 1)
    pipeline = BuggyDecoding(engine, LENIENT, Judge())
    messages = eleven_messages()
    batches = [messages, messages[:2]]
    outcomes = [
        pipeline.process_one_by_one(batch, decoded)
        for batch, decoded in decoded_ahead(iter(batches), pipeline.decode)
    ]
    assert [list(outcome.faults) for outcome in outcomes] == [[7], []]
    assert [outcome.counts.readings for outcome in outcomes] == [10, 0]
    assert stored(engine) == 10
    assert set_aside(engine) == [("undecodable", "IndexError: beyond the end")]
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_a_message_whose_readings_do_not_add_up_is_set_aside_alone(engine: Engine) -> None:
    make_shipments(engine, 1)
    pipeline = Pipeline(engine, LENIENT, BuggyStoring())
    outcome = pipeline.process_one_by_one(eleven_messages())
    assert (list(outcome.faults), outcome.counts.readings, stored(engine)) == ([7], 10, 10)
    ((reason, detail),) = set_aside(engine)
    assert reason == "undecodable"
    assert detail.startswith("ConservationError: 3 readings were taken")
