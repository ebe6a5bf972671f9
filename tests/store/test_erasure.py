"""Erasing an identity: the salt goes, the ledger stays whole, and says who erased it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from custody.audit import audit
from custody.reading import custody_of, entries_of_order
from schemas.errors import CustodyConflict
from schemas.statement import Statement
from store.database import transaction
from tests.strategies_custody import COI, statement_of
from tests.support.bare_log import as_superuser
from tests.support.custody_case import record, seed, story
from tests.support.signing import desk

pytestmark = pytest.mark.store


def erasure(number: int = 1, **fields: Any) -> Statement:
    said = {"id": str(UUID(int=number)), "signers": [desk(None).signer()], "reason": "asked for"}
    return statement_of("erase_identity", **(said | fields))


def identity(engine: Engine, order: str = "A-1") -> tuple[bytes | None, str, str, str]:
    with transaction(engine) as session:
        query = text(
            "SELECT coi_salt, coi_short, patient_alias, coi_commitment "
            "FROM treatment_order WHERE code = :order"
        )
        return tuple(session.connection().execute(query, {"order": order}).one())


def test_what_leads_to_a_person_is_gone_and_what_was_signed_stays(engine: Engine) -> None:
    seed(engine, ["A-1", "A-2"])
    record(engine, *story())
    before = identity(engine)
    assert before[:3] == (b"\x01", "s", "alias")
    with transaction(engine) as session:
        entries = entries_of_order(session, "A-1")
    (erased,) = record(engine, erasure())
    assert identity(engine) == (None, "", "", COI)
    assert identity(engine, "A-2") == before
    with transaction(engine) as session:
        assert entries_of_order(session, "A-1")[:-1] == entries
        assert custody_of(session, "A-1").erased
        report = audit(session)
    assert report.ok, report.findings
    assert erased.index == 13


def test_an_identity_is_erased_once(engine: Engine) -> None:
    seed(engine)
    record(engine, *story()[:3], erasure())
    (place,) = record(engine, erasure())
    assert not place.new
    seen = {"sequence": 4, "hash": place.entry_hash.hex()}
    with pytest.raises(CustodyConflict, match="is erased already"):
        record(engine, erasure(2, seen=seen))


def test_a_second_erasure_by_somebody_who_did_not_know_is_in_conflict(engine: Engine) -> None:
    seed(engine)
    places = record(engine, *story()[:3], erasure())
    seen = {"sequence": 3, "hash": places[2].entry_hash.hex()}
    (second,) = record(engine, erasure(2, seen=seen))
    assert second.conflict_with == places[3].entry_hash
    assert identity(engine)[0] is None
    with transaction(engine) as session:
        assert audit(session).ok


def test_custody_goes_on_after_the_identity_is_erased(engine: Engine) -> None:
    seed(engine)
    record(engine, *story()[:3], erasure(), *story()[3:])
    with transaction(engine) as session:
        report = audit(session)
        assert custody_of(session, "A-1").holder == "clinic"
    assert report.ok, report.findings


@pytest.mark.parametrize(
    ("recorded", "attack", "sentence", "index"),
    [
        (False, "coi_salt = NULL", "is gone, and no entry says who erased it", 3),
        (True, "coi_salt = '\\x01'", "was erased, and is back", 4),
        (False, "coi_commitment = repeat('0', 64)", "commits to another identity", 1),
        (True, "coi_commitment = repeat('0', 64)", "commits to another identity", 1),
    ],
)
def test_an_erasure_that_the_ledger_does_not_know_is_named(
    engine: Engine, attack: str, sentence: str, index: int, *, recorded: bool
) -> None:
    seed(engine)
    record(engine, *story()[:3], *([erasure()] if recorded else []))
    as_superuser(engine, f"UPDATE treatment_order SET {attack}")
    with transaction(engine) as session:
        report = audit(session)
    assert report.finding_count == 1
    assert report.first is not None
    assert (report.first.index, report.first.order) == (index, "A-1")
    assert sentence in report.first.sentence
