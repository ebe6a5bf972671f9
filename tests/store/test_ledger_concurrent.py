"""Many append at once: no gap, no fork, no deadlock, nothing recorded twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

from custody import ledger
from custody.audit import audit
from custody.ledger import Recorded, append
from schemas.errors import CustodyConflict
from schemas.statement import Statement
from store.database import Session, transaction
from tests.strategies_custody import statement_of
from tests.support.custody_case import NOW, record, seed, story

pytestmark = pytest.mark.pg

WRITERS = 8


def at_once(engine: Engine, statements: Sequence[Statement]) -> list[Recorded | CustodyConflict]:
    """Append all of them at the same moment, each in its own thread and transaction."""
    start = Barrier(len(statements))

    def work(statement: Statement) -> Recorded | CustodyConflict:
        start.wait(timeout=30)
        try:
            with transaction(engine) as session:
                return append(session, statement, NOW)
        except CustodyConflict as conflict:
            return conflict

    with ThreadPoolExecutor(len(statements)) as pool:
        return list(pool.map(work, statements, timeout=60))


def recorded_of(results: Sequence[Recorded | CustodyConflict]) -> list[Recorded]:
    return [each for each in results if isinstance(each, Recorded)]


def test_writers_of_many_orders_leave_no_gap(engine: Engine) -> None:
    orders = [f"A-{number}" for number in range(WRITERS)]
    seed(engine, orders)
    stories = [story(order) for order in orders]

    def write(statements: list[Statement]) -> list[Recorded]:
        return record(engine, *statements)

    with ThreadPoolExecutor(WRITERS) as pool:
        written = [each for part in pool.map(write, stories, timeout=120) for each in part]
    assert sorted(each.index for each in written) == list(range(12 * WRITERS))
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok, report.sentence
    assert (report.entries, report.orders) == (12 * WRITERS, WRITERS)


def test_of_many_who_accept_at_once_the_one_who_was_offered_it_holds(engine: Engine) -> None:
    seed(engine)
    record(engine, *story()[:4])
    claims = [
        statement_of("accept", id=f"00000000-0000-4000-8000-{number:012d}", to=party)
        for number, party in enumerate(["courier", "hub", "clinic"] * 3)
    ]
    results = at_once(engine, claims)
    assert len(recorded_of(results)) == 1
    with transaction(engine) as session:
        assert ledger.custody_of(session, "A-1").holder == "courier"
        assert audit(session).ok


def test_the_same_statement_sent_many_times_at_once_is_recorded_once(engine: Engine) -> None:
    seed(engine)
    results = recorded_of(at_once(engine, [story()[0]] * WRITERS))
    assert len({each.entry_hash for each in results}) == 1
    assert [each.new for each in results].count(True) == 1
    with transaction(engine) as session:
        assert ledger.head(session).size == 1


def test_a_writer_that_rolls_back_leaves_no_gap(engine: Engine) -> None:
    seed(engine, ["A-1", "A-2"])
    with Session(engine) as session:
        assert append(session, story("A-1")[0], NOW).index == 0
        session.rollback()
    assert [each.index for each in record(engine, story("A-2")[0], story("A-1")[0])] == [0, 1]


def test_an_audit_beside_writers_finds_nothing(engine: Engine) -> None:
    seed(engine)
    with transaction(engine) as reading:
        record(engine, *story()[:3])
        first = audit(reading)
        record(engine, *story()[3:])
        second = audit(reading)
    assert (first.ok, first.entries) == (True, 3)
    assert (second.ok, second.entries) == (True, 12)
