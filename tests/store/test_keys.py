"""Keys in the ledger on both databases: founded, let in, exchanged, let out; and the register."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from custody.audit import audit
from custody.key_log import KeyLog
from custody.keys import current_keys, key_rows
from custody.ledger import append
from custody.reading import Recorded
from schemas.errors import CustodyConflict, Duplicate, SignatureRefused
from schemas.key_statement import KeyStatement
from store.database import transaction
from store.ledger import read_head
from store.signing_keys import list_keys
from tests.strategies_custody import statement_of
from tests.strategies_keys import Holder, about_keys
from tests.support.custody_case import NOW, PEOPLE, record, seed, story
from tests.support.signing import FOUNDERS, desk, envelope_of, founding

pytestmark = pytest.mark.store

ONE, TWO = (Holder(user=one.user, approver=True) for one in FOUNDERS)
MAKER = Holder(user="maker.desk", party="maker")
NEW = Holder(user="new.one", party="maker")


def keys(engine: Engine) -> KeyLog:
    with transaction(engine) as session:
        return current_keys(session)


def said(engine: Engine, kind: str, **fields: Any) -> KeyStatement:
    return about_keys(kind, approvers=(ONE, TWO), seen_in=keys(engine), **fields)


def put(engine: Engine, statement: KeyStatement, *new: Holder) -> Recorded:
    people = (*new, ONE, TWO)
    with transaction(engine) as session:
        return append(session, envelope_of(statement, *people), NOW)


def check_register(engine: Engine) -> None:
    """The register says what the entries lead to, and the audit agrees."""
    with transaction(engine) as session:
        stored = {row.key: row.model_dump() for row in list_keys(session)}
        report = audit(session)
        expected = {row.key: row.model_dump() for row in key_rows(current_keys(session))}
    assert stored == expected
    assert report.ok, report.findings


def test_the_founding_is_the_first_entry_of_the_keys_chain(engine: Engine) -> None:
    seed(engine)
    log = keys(engine)
    assert log.sequence == 1
    assert {one.user for one in log.keys.values()} == {one.user for one in (*FOUNDERS, *PEOPLE)}
    check_register(engine)


def test_nothing_is_recorded_before_keys_are_founded(engine: Engine) -> None:
    seed(engine, keys=False)
    with pytest.raises(SignatureRefused, match=r"key of maker\.desk is not enrolled"):
        record(engine, story()[0])
    assert keys(engine).sequence == 0


def test_keys_are_founded_once(engine: Engine) -> None:
    seed(engine)
    with transaction(engine) as session:
        assert not append(session, founding(*PEOPLE), NOW).new
    again = about_keys("found_keys", new=(ONE.rotated(), TWO.rotated()))
    with pytest.raises(CustodyConflict, match="founded already"), transaction(engine) as session:
        append(session, envelope_of(again, ONE.rotated(), TWO.rotated()), NOW)


def test_a_key_signs_from_the_entry_after_its_enrolment_on(engine: Engine) -> None:
    seed(engine)
    statement = statement_of("commission", **{"from": "maker"}, items=["04150000000013.A-1.1"],
                             signers=[NEW.signer()])  # fmt: skip
    with pytest.raises(SignatureRefused, match=r"new\.one is not enrolled"):
        record(engine, statement)
    enrolled = put(engine, said(engine, "enrol_key", new=(NEW,)), NEW)
    (first,) = record(engine, statement)
    assert (enrolled.index, enrolled.order_sequence, first.index) == (1, 2, 2)
    check_register(engine)


def test_a_rotation_exchanges_the_key_at_one_moment(engine: Engine) -> None:
    seed(engine)
    record(engine, story()[0])
    rotated = MAKER.rotated()
    put(engine, said(engine, "rotate_key", new=(rotated,), revokes=[MAKER.pair.key_id]), rotated)
    with pytest.raises(SignatureRefused, match=r"maker\.desk was revoked at entry 2"):
        record(engine, story()[1])
    fresh = story()[1].model_copy(
        update={"signers": statement_of("condition", signers=[rotated.signer()]).signers}
    )
    with transaction(engine) as session:
        assert append(session, envelope_of(fresh, rotated), NOW).index == 3
    check_register(engine)


def test_a_revocation_ends_a_key_and_nothing_that_it_signed(engine: Engine) -> None:
    seed(engine)
    record(engine, *story()[:3])
    since = "2026-11-21T09:00:00.000Z"
    put(
        engine,
        said(engine, "revoke_key", revokes=[MAKER.pair.key_id], suspect_since=since),
    )
    with pytest.raises(SignatureRefused, match="revoked at entry 4"):
        record(engine, story()[3])
    assert not record(engine, story()[2])[0].new  # what is recorded stays and is answered again
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok
    assert [note.index for note in report.notes] == [1, 2, 3]
    check_register(engine)


@pytest.mark.parametrize(
    "seen",
    [
        {"sequence": 1, "hash": "00" * 32},
        {"sequence": 2, "hash": None},
        {"sequence": 2**53 - 1, "hash": None},
    ],
)
def test_a_statement_that_has_seen_what_is_not_here_is_refused(
    engine: Engine, seen: dict[str, Any]
) -> None:
    seed(engine)
    seen = {"sequence": seen["sequence"], "hash": seen["hash"] or keys(engine).head.hex()}
    statement = said(engine, "enrol_key", new=(NEW,), seen=seen)
    with pytest.raises(CustodyConflict, match="saw an entry about keys that this"):
        put(engine, statement, NEW)
    with transaction(engine) as session:
        assert read_head(session).size == 1
    check_register(engine)


def test_two_enrolments_that_waited_at_the_same_time_both_count(engine: Engine) -> None:
    seed(engine)
    other = Holder(user="new.two")
    one = said(engine, "enrol_key", new=(NEW,))
    two = said(engine, "enrol_key", new=(other,), id=str(UUID(int=2)))
    put(engine, one, NEW)
    assert put(engine, two, other).order_sequence == 3
    check_register(engine)


def test_the_same_statement_about_keys_again_keeps_its_place(engine: Engine) -> None:
    seed(engine)
    statement = said(engine, "enrol_key", new=(NEW,))
    first = put(engine, statement, NEW)
    again = put(engine, statement, NEW)
    assert (again.index, again.entry_hash, again.new) == (first.index, first.entry_hash, False)
    with pytest.raises(Duplicate):
        put(engine, statement.model_copy(update={"reason": "else"}), NEW)


@pytest.mark.parametrize(
    ("people", "refusal"),
    [
        ((NEW, ONE, ONE), "signers"),
        ((ONE, ONE, TWO), "signers"),
        ((NEW, TWO, ONE), "signers"),
        ((NEW, ONE), "signers"),
    ],
)
def test_a_statement_that_others_signed_lets_nobody_in(
    engine: Engine, people: tuple[Holder, ...], refusal: str
) -> None:
    seed(engine)
    statement = said(engine, "enrol_key", new=(NEW,))
    with pytest.raises(SignatureRefused, match=refusal), transaction(engine) as session:
        append(session, envelope_of(statement, *people), NOW)


def test_a_statement_about_keys_of_another_log_is_refused(engine: Engine) -> None:
    seed(engine)
    with pytest.raises(CustodyConflict, match="signed for the log unbroken/other"):
        put(engine, said(engine, "enrol_key", new=(NEW,), log="unbroken/other"), NEW)


def test_an_order_s_chain_and_the_keys_chain_go_on_beside_each_other(engine: Engine) -> None:
    seed(engine)
    places = [*record(engine, story()[0])]
    places.append(put(engine, said(engine, "enrol_key", new=(NEW,)), NEW))
    places += record(engine, story()[1])
    assert [(each.index, each.order_sequence) for each in places] == [(1, 1), (2, 2), (3, 2)]
    assert places[2].previous == places[0].entry_hash
    assert desk("maker").pair.key_id == MAKER.pair.key_id
    check_register(engine)
