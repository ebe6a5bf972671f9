"""Many append at once: no gap, no fork, no deadlock, nothing recorded twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from custody import reading as ledger
from custody.audit import audit
from custody.canonical import statement_hash
from custody.envelope import Envelope
from custody.gathering import Awaiting, take
from custody.keys import current_keys
from custody.ledger import append
from custody.reading import Recorded
from schemas.errors import CustodyConflict, Duplicate, SignatureRefused
from schemas.statement import Statement
from store.database import Session, transaction
from store.signing_keys import list_waiting
from tests.strategies_custody import statement_of
from tests.support.custody_case import NOW, record, seed, story
from tests.support.processes import wait_until
from tests.support.signing import (
    FOUNDERS,
    Person,
    desk,
    enrolment,
    envelope_of,
    key_statement_of,
    second,
)

pytestmark = pytest.mark.pg

WRITERS = 50


T = TypeVar("T")
R = TypeVar("R")
Outcome = Recorded | CustodyConflict | Duplicate | SignatureRefused
_REFUSALS = (CustodyConflict, Duplicate, SignatureRefused)


def at_once(engine: Engine, envelopes: Sequence[Envelope]) -> list[Outcome]:
    """Append all of them at the same moment, each in its own thread and transaction."""
    start = Barrier(len(envelopes))

    def work(envelope: Envelope) -> Outcome:
        start.wait(timeout=30)
        try:
            with transaction(engine) as session:
                return append(session, envelope, NOW)
        except _REFUSALS as refusal:
            return refusal

    return in_threads(work, envelopes)


def in_threads(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """Do all parts at once; whoever waits for ever fails the test."""
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(work, parts, timeout=120))


def recorded_of(results: Sequence[Outcome]) -> list[Recorded]:
    return [each for each in results if isinstance(each, Recorded)]


def test_writers_of_many_orders_leave_no_gap(engine: Engine) -> None:
    orders = [f"A-{number}" for number in range(WRITERS)]
    seed(engine, orders)
    stories = [story(order) for order in orders]

    def write(statements: list[Statement]) -> list[Recorded]:
        return record(engine, *statements)

    written = [each for part in in_threads(write, stories) for each in part]
    assert sorted(each.index for each in written) == list(range(1, 1 + 12 * WRITERS))
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok, report.sentence
    assert (report.entries, report.orders) == (1 + 12 * WRITERS, WRITERS)


def test_of_many_who_accept_at_once_the_one_who_was_offered_it_holds(engine: Engine) -> None:
    seed(engine)
    offer = record(engine, *story()[:4])[-1]
    answers = statement_hash(story()[3])
    seen = {"sequence": offer.order_sequence, "hash": offer.entry_hash.hex()}
    claims = [
        statement_of("accept", id=str(UUID(int=number + 1)), to=party, answers=answers, seen=seen)
        for number, party in enumerate(["courier", "hub", "clinic"] * 3)
    ]
    results = at_once(engine, [envelope_of(each) for each in claims])
    winner, *late = sorted(recorded_of(results), key=lambda each: each.index)
    assert winner.conflict_with is None
    # The others of the courier accept what is accepted: on record, in conflict, and of no effect.
    assert [each.conflict_with for each in late] == [winner.entry_hash] * 2
    with transaction(engine) as session:
        assert ledger.custody_of(session, "A-1").holder == "courier"
        assert audit(session).ok


def test_the_same_statement_sent_many_times_at_once_is_recorded_once(engine: Engine) -> None:
    seed(engine)
    results = recorded_of(at_once(engine, [envelope_of(story()[0])] * WRITERS))
    assert len({each.entry_hash for each in results}) == 1
    assert [each.new for each in results].count(True) == 1
    with transaction(engine) as session:
        assert ledger.head(session).size == 1 + 1


def test_a_writer_that_rolls_back_leaves_no_gap(engine: Engine) -> None:
    seed(engine, ["A-1", "A-2"])
    with Session(engine) as session:
        assert append(session, envelope_of(story("A-1")[0]), NOW).index == 1
        session.rollback()
    assert [each.index for each in record(engine, story("A-2")[0], story("A-1")[0])] == [1, 2]


def test_an_audit_beside_writers_finds_nothing(engine: Engine) -> None:
    seed(engine)
    with transaction(engine) as reading:
        record(engine, *story()[:3])
        first = audit(reading)
        record(engine, *story()[3:])
        second = audit(reading)
    assert (first.ok, first.entries) == (True, 4)
    assert (second.ok, second.entries) == (True, 13)


def test_fifty_at_one_order_each_get_a_place_of_their_own(engine: Engine) -> None:
    seed(engine)
    record(engine, story()[0])
    said = [
        statement_of("condition", id=str(UUID(int=number + 1)), remarks=f"look {number}")
        for number in range(WRITERS)
    ]
    results = recorded_of(at_once(engine, [envelope_of(each) for each in said]))
    assert sorted(each.index for each in results) == list(range(2, 2 + WRITERS))
    by_index = sorted(results, key=lambda each: each.index)
    assert [each.order_sequence for each in by_index] == list(range(2, 2 + WRITERS))
    assert [each.previous for each in by_index[1:]] == [each.entry_hash for each in by_index[:-1]]
    with transaction(engine) as session:
        assert audit(session).ok


def test_one_id_for_two_orders_at_once_is_one_place_and_one_refusal(engine: Engine) -> None:
    orders = [f"A-{number}" for number in range(8)]
    seed(engine, orders)
    same_id = [
        envelope_of(story(order)[0].model_copy(update={"id": str(UUID(int=1))})) for order in orders
    ]
    results = at_once(engine, same_id)
    assert len(recorded_of(results)) == 1
    assert sum(isinstance(each, Duplicate) for each in results) == len(orders) - 1
    with transaction(engine) as session:
        assert audit(session).ok


def revocation(engine: Engine, person: Person) -> Envelope:
    with transaction(engine) as session:
        head = current_keys(session)
    return envelope_of(
        key_statement_of(
            "revoke_key",
            id=str(UUID(int=99)),
            revokes=[person.pair.key_id],
            signers=[one.signer("approver", "I take it back.") for one in FOUNDERS],
            seen={"sequence": head.sequence, "hash": head.head.hex()},
            reason="lost",
        )
    )


def test_a_key_revoked_beside_appends_counts_before_its_revocation_and_not_after(
    engine: Engine,
) -> None:
    seed(engine)
    record(engine, story()[0])
    lost = desk("maker")
    said = [
        statement_of("condition", id=str(UUID(int=number + 1)), **{"from": "maker"}, remarks="ok")
        for number in range(20)
    ]
    envelopes = [envelope_of(each) for each in said]
    envelopes.insert(10, revocation(engine, lost))
    results = at_once(engine, envelopes)
    revoked = results.pop(10)
    assert isinstance(revoked, Recorded)
    for each in results:
        if isinstance(each, Recorded):
            assert each.index < revoked.index
        else:
            assert isinstance(each, SignatureRefused)
    with transaction(engine) as session:
        report = audit(session)
        assert report.ok, report.sentence
        assert ledger.head(session).size == 3 + len(recorded_of(results))


def test_enrolments_beside_appends_all_count(engine: Engine) -> None:
    seed(engine)
    record(engine, story()[0])
    with transaction(engine) as session:
        head = current_keys(session)
    seen = {"sequence": head.sequence, "hash": head.head.hex()}
    new = [enrolment(Person(user=f"new.{n}"), number=n, seen=seen) for n in range(5)]
    said = [
        envelope_of(statement_of("condition", id=str(UUID(int=n + 1)), remarks="ok"))
        for n in range(20)
    ]
    results = at_once(engine, [*new, *said])
    assert len(recorded_of(results)) == 25
    with transaction(engine) as session:
        assert audit(session).ok
        assert len(current_keys(session).keys) == len(head.keys) + 5


def by_two() -> Statement:
    signers = [desk("maker").signer("confirmer"), second("maker").signer("verifier")]
    return statement_of("condition", **{"from": "maker"}, remarks="looked", signers=signers)


def taken(engine: Engine, envelope: Envelope) -> Recorded | Awaiting:
    with transaction(engine) as session:
        return take(session, envelope, NOW)


def taken_beside(engine: Engine, one: Envelope, other: Envelope) -> Recorded | Awaiting:
    """Take one, and another before the first is committed; return what became of the other."""
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            take(session, one, NOW)
            later = pool.submit(taken, engine, other)
            assert wait_until(lambda: _somebody_waits(engine)), "the second did not wait"
        return later.result(timeout=30)


def _somebody_waits(engine: Engine) -> bool:
    with transaction(engine) as session:
        query = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(session.connection().execute(query).scalar())


def waiting(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        return [
            one.id
            for person in (desk("maker"), second("maker"))
            for one in list_waiting(session, person.user)
        ]


def test_two_who_sign_at_the_same_moment_lose_no_signature(engine: Engine) -> None:
    seed(engine)
    record(engine, story()[0])
    one, other = (envelope_of(by_two(), person) for person in (desk("maker"), second("maker")))
    recorded = taken_beside(engine, one, other)
    assert isinstance(recorded, Recorded)
    assert recorded.new
    assert waiting(engine) == []


def test_a_signature_repeated_beside_the_last_one_leaves_nothing_that_waits(
    engine: Engine,
) -> None:
    seed(engine)
    record(engine, story()[0])
    one, other = (envelope_of(by_two(), person) for person in (desk("maker"), second("maker")))
    taken(engine, one)
    again = taken_beside(engine, other, one)
    assert isinstance(again, Recorded)
    assert not again.new
    assert waiting(engine) == []


def test_other_bytes_under_the_same_id_at_the_same_moment_are_refused(engine: Engine) -> None:
    seed(engine)
    record(engine, story()[0])
    one = envelope_of(by_two(), desk("maker"))
    other = envelope_of(by_two().model_copy(update={"remarks": "else"}), second("maker"))
    with pytest.raises(Duplicate):
        taken_beside(engine, one, other)
