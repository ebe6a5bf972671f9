"""Kill -9 of whoever appends: what was acknowledged is there once, and nothing is there twice."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from custody.audit import audit
from custody.gathering import take
from store.database import transaction
from store.ledger import EntryRow, read_head
from store.ledger_stream import stream_by_index
from tests.strategies_custody import statement_of
from tests.support.appender import KILL_POINTS, Appender, Run
from tests.support.custody_case import NOW, record, seed, story
from tests.support.signing import desk, envelope_of, second

pytestmark = pytest.mark.fault

COMMITTED = {"appender.after_commit_before_answer"}
"""Where the transaction is committed, and nobody was told."""


@pytest.fixture
def appender(engine: Engine, tmp_path: Path) -> Appender:
    seed(engine, ["A-1", "A-2"])
    return Appender(engine, tmp_path)


def rows(engine: Engine) -> list[EntryRow]:
    with transaction(engine) as session:
        return list(stream_by_index(session, read_head(session).size))


def check_whole(engine: Engine) -> None:
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok, report.findings


def check_acknowledged(engine: Engine, answers: list[tuple[int, str]]) -> None:
    """Each answer is true: the entry is there, at its place, and the places are different."""
    there = {row.index: row.leaf_hash.hex() for row in rows(engine)}
    assert len({index for index, _ in answers}) == len(answers)
    for index, entry_hash in answers:
        assert there[index] == entry_hash


def test_a_kill_at_each_point_loses_and_repeats_nothing(engine: Engine, appender: Appender) -> None:
    envelopes = [envelope_of(statement) for statement in story()]
    first = appender.run(envelopes[:2])
    assert (first.exit_code, len(first.answers)) == (0, 2)
    answers = first.answers
    for number, point in enumerate(KILL_POINTS):
        sent = envelopes[len(answers) :]
        before = len(rows(engine))
        killed = appender.run(sent, kill_at=point)
        assert killed.killed, point
        assert killed.answers == [], point
        assert len(rows(engine)) == before + (point in COMMITTED), point
        check_whole(engine)
        again = appender.run(sent[:2])  # the one that was not answered, and one more
        assert (again.exit_code, len(again.answers)) == (0, 2)
        answers = [*answers, *again.answers]
        check_acknowledged(engine, answers)
        assert len(rows(engine)) == 1 + 2 + 2 * (number + 1)
        check_whole(engine)
    said = [row.statement_bytes for row in rows(engine)[1:]]
    assert said == [one.payload for one in envelopes[: len(answers)]]


def test_what_was_answered_is_answered_the_same_again(engine: Engine, appender: Appender) -> None:
    envelopes = [envelope_of(statement) for statement in story()]
    killed = appender.run(envelopes, kill_at="appender.after_commit_before_answer")
    assert killed.killed
    whole = appender.run(envelopes)
    assert whole.exit_code == 0
    assert appender.run(envelopes) == whole
    assert whole.answers == [(row.index, row.leaf_hash.hex()) for row in rows(engine)[1:]]


@pytest.mark.parametrize("point", KILL_POINTS)
def test_whoever_dies_holds_up_nobody_else(
    engine: Engine, appender: Appender, point: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Appender(engine, tmp_path / "other")
    dying = appender.start([envelope_of(one) for one in story("A-1")], kill_at=point)
    going_on = other.start([envelope_of(one) for one in story("A-2")])
    ended: list[Run] = [appender.wait(dying), other.wait(going_on)]
    assert [run.killed for run in ended] == [True, False]
    assert len(ended[1].answers) == 12
    check_acknowledged(engine, ended[1].answers)
    assert len(rows(engine)) == 1 + 12 + (point in COMMITTED)
    check_whole(engine)


@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_kill_at_the_last_of_two_signatures_leaves_it_waiting_or_recorded(
    engine: Engine, appender: Appender, point: str
) -> None:
    record(engine, story()[0])
    signers = [desk("maker").signer("confirmer"), second("maker").signer("verifier")]
    said = statement_of("condition", **{"from": "maker"}, remarks="looked", signers=signers)
    with transaction(engine) as session:
        take(session, envelope_of(said, desk("maker")), NOW)
    last = envelope_of(said, second("maker"))
    assert appender.run([last], kill_at=point).killed
    assert len(rows(engine)) == 2 + (point in COMMITTED)
    (answer,) = appender.run([last]).answers
    assert answer == (2, rows(engine)[2].leaf_hash.hex())
    assert len(rows(engine)) == 3
    check_whole(engine)
