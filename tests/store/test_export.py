"""Receipts and bundles of what is stored, on both databases: whole, and after tampering."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from custody.container import open_container
from custody.cosignature import cosign, witness_key
from custody.export import bundle, receipt
from custody.key_file import SigningKeyPair
from custody.log_policy import log_policy
from custody.notary import Notary, Plan
from custody.note import parse_note
from custody.policy import Known, Policy
from custody.second_place import SecondPlace
from custody.timestamps import available, request_timestamp
from custody.verify import verify
from custody.verify_result import Severity, Verification
from schemas.errors import NotFound
from store.checkpoints import (
    CosignatureRow,
    TimestampRow,
    find_last_checkpoint,
    insert_cosignature,
    insert_timestamp,
)
from store.database import transaction
from tests.support.nouns import START
from tests.support.seal_case import ORDER, SHIPMENT, SealCase, seal_case
from tests.support.timestamp_authority import openssl, timestamp_authority

pytestmark = pytest.mark.store

HOUR = timedelta(hours=1)
OTHERS = Known(key=witness_key("example.org/other", bytes(31) + b"\x01"))


@dataclass
class Exported:
    """A case with a notary and one witness, who cosigns when told."""

    case: SealCase
    notary: Notary
    witness: SigningKeyPair

    @property
    def witnesses(self) -> Policy:
        """Two witnesses, of whom one is enough."""
        known = Known(key=witness_key("example.org/w", self.witness.public))
        return Policy(witnesses={"w": known, "other": OTHERS}, quorum="w")

    @property
    def trusted(self) -> Policy:
        """What a reader pins."""
        with transaction(self.case.engine) as session:
            last = find_last_checkpoint(session)
        assert last is not None
        return log_policy(self.witnesses, last.vkey)

    def sign(self, now: datetime, *, cosigned: bool = True) -> None:
        """Sign a checkpoint, and have it cosigned."""
        assert self.notary.sign(now) is not None
        if not cosigned:
            return
        with transaction(self.case.engine) as session:
            last = find_last_checkpoint(session)
            assert last is not None
            for name, pair in (("example.org/w", self.witness), ("example.org/gone", self.witness)):
                line = cosign(parse_note(last.note).text, name, pair, now)
                key_id = witness_key(name, pair.public).key_id.hex()
                row = CosignatureRow(size=last.size, name=name, key_id=key_id, line=line, at=now)
                insert_cosignature(session, row)

    def bundle(self, legs: set[int] | None = None) -> bytes:
        with transaction(self.case.engine) as session:
            return bundle(session, ORDER, legs, self.witnesses)

    def receipt(self, index: int) -> bytes:
        with transaction(self.case.engine) as session:
            return receipt(session, index, self.witnesses)


@pytest.fixture
def exported(engine: Engine, tmp_path: Path) -> Iterator[Exported]:
    """An order handed over twice, both legs sealed, the first one twice: entries 1 to 8."""
    case = seal_case(engine)
    place = SecondPlace(tmp_path / "notary")
    with place.claimed():
        plan = Plan(every=timedelta(seconds=10), entries=5)
        found = Exported(case, Notary(engine, place, plan), SigningKeyPair(b"\x07" * 32))
        case.measure(START, 90)
        case.hand_over("maker", "courier", START + HOUR)
        case.seal(START + HOUR)
        found.sign(START + HOUR)
        case.measure(START + timedelta(seconds=7), 3, received_at=START + 2 * HOUR)
        case.seal(START + 2 * HOUR)
        case.hand_over("courier", "clinic", START + 3 * HOUR)
        case.seal(START + 3 * HOUR)
        found.sign(START + 3 * HOUR)
        yield found


def faults(found: Verification) -> list[tuple[int, str, int | None]]:
    return [each[:3] for each in found.agreed if each[3] == Severity.FAULT]


def members(data: bytes, folder: str) -> list[str]:
    return [name for name in open_container(data) if name.startswith(f"{folder}/")]


def test_a_bundle_proves_the_whole_order_with_its_readings(exported: Exported) -> None:
    data = exported.bundle()
    found = verify(data, exported.trusted)
    assert found.agreed == []
    assert (found.entries, found.size, found.witnessed.count) == (8, 9, 1)
    assert members(data, "readings") == [
        "readings/0000000004.jsonl",
        "readings/0000000005.jsonl",
        "readings/0000000008.jsonl",
    ]
    assert members(data, "checkpoints") == [
        "checkpoints/0000000005.consistency",
        "checkpoints/0000000005.txt",
    ]
    assert exported.bundle() == data


def test_every_entry_has_a_receipt_also_those_about_keys(exported: Exported) -> None:
    for index in range(9):
        found = verify(exported.receipt(index), exported.trusted)
        assert faults(found) == []
        assert (found.entries, found.order) == (1, ORDER if index else "")


def test_one_leg_is_shown_without_another(exported: Exported) -> None:
    for legs, shown in (({2}, [8]), ({1}, [4, 5]), (set[int](), [])):
        data = exported.bundle(legs)
        assert [int(name[9:19]) for name in members(data, "readings")] == shown
        found = verify(data, exported.trusted)
        assert faults(found) == []
        hidden = {4, 5, 8} - set(shown)
        assert {one[2] for one in found.agreed if one[1] == "readings_not_shown"} == hidden


def test_what_no_quorum_saw_yet_is_proven_beside_the_last_checkpoint_that_one_did(
    exported: Exported,
) -> None:
    later = START + 4 * HOUR
    exported.case.say("inspect", "clinic", later, **{"from": "center"})
    with pytest.raises(NotFound):
        exported.receipt(9)
    assert verify(exported.bundle(), exported.trusted).entries == 8
    exported.sign(later, cosigned=False)
    data = exported.bundle()
    found = verify(data, exported.trusted)
    assert (found.entries, found.size) == (9, 10)
    assert faults(found) == [(7, "quorum_not_met", None)]
    assert "checkpoints/0000000009.txt" in members(data, "checkpoints")
    assert verify(exported.receipt(8), exported.trusted).size == 9
    assert verify(exported.receipt(9), exported.trusted).size == 10


def test_what_is_not_there_cannot_be_proven(exported: Exported) -> None:
    with transaction(exported.case.engine) as session:
        with pytest.raises(NotFound):
            receipt(session, 99)
        for order in ("A-9", ""):
            with pytest.raises(NotFound):
                bundle(session, order)


def test_a_changed_reading_is_found_in_the_bundle(exported: Exported) -> None:
    exported.case.run(
        "UPDATE reading SET temp_c = temp_c + 1 WHERE measured_at = :at",
        at=START + timedelta(minutes=5),
    )
    assert faults(verify(exported.bundle(), exported.trusted)) == [(10, "seal_broken", 5)]


def test_a_reading_that_was_put_in_or_taken_out_is_found(exported: Exported) -> None:
    exported.case.run("DELETE FROM reading WHERE measured_at = :at", at=START + 2 * HOUR)
    assert faults(verify(exported.bundle({1}), exported.trusted)) == []
    exported.case.run("DELETE FROM reading WHERE measured_at = :at", at=START)
    assert faults(verify(exported.bundle(), exported.trusted)) == [(10, "seal_broken", 5)]


def test_an_entry_changed_in_the_database_is_not_included(exported: Exported) -> None:
    exported.case.run(
        "UPDATE ledger_entry SET entry_bytes = convert_to(replace(convert_from(entry_bytes, "
        "'UTF8'), '\"recorded_at\":\"20', '\"recorded_at\":\"21'), 'UTF8') WHERE index = 3"
    )
    found = faults(verify(exported.bundle(), exported.trusted))
    assert (5, "not_included", 3) in found
    assert (4, "order_chain_broken", 4) in found


def test_a_timestamp_is_checked_as_far_as_it_can_be(exported: Exported, tmp_path: Path) -> None:
    if openssl() is None or not available():
        pytest.skip("openssl or rfc3161-client is missing")
    with transaction(exported.case.engine) as session:
        last = find_last_checkpoint(session)
        assert last is not None
    with timestamp_authority(tmp_path / "authority") as authority, httpx.Client() as client:
        real = request_timestamp(client, authority.url, last.note)
        other = request_timestamp(client, authority.url, b"something else")
    for response, codes in ((real, set()), (other, {"timestamp_bad"}), (b"x", {"timestamp_bad"})):
        exported.case.run("DELETE FROM ledger_timestamp")
        with transaction(exported.case.engine) as session:
            row = TimestampRow(size=9, authority="a", response=response, at=START + 3 * HOUR)
            insert_timestamp(session, row)
        for data in (exported.receipt(3), exported.bundle()):
            found = verify(data, exported.trusted)
            assert {one[1] for one in faults(found)} == codes
            assert (11, "timestamp_not_checked", None, "note") in found.agreed


def test_a_shipment_that_is_gone_hides_no_entry(exported: Exported) -> None:
    exported.case.run("UPDATE shipment SET code = 'U-X' WHERE code = :code", code=SHIPMENT)
    found = verify(exported.bundle(), exported.trusted)
    assert (found.entries, faults(found)) == (8, [])
