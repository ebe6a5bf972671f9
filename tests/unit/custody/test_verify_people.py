"""Signatures, rules, readings and timestamps: each fault found alone."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from custody.bundle import make_file
from custody.canonical import statement_hash
from custody.envelope import STATEMENT_TYPE, Signature
from custody.note import parse_note
from custody.verify import verify
from tests.support.signed_case import SignedLog, signed
from tests.support.signed_walk import PLACE, Walk
from tests.support.stamping import stamp
from tests.support.timestamp_authority import openssl
from tests.support.verify_case import (
    A,
    enrolment,
    faults,
    force,
    judge,
    notes,
    said_by,
    small_walk,
)


@pytest.fixture
def walk() -> Walk:
    return small_walk()


@pytest.fixture
def log(walk: Walk) -> SignedLog:
    walk.log.checkpoint()
    return walk.log


# (8)
def test_a_swapped_signature_is_found(walk: Walk) -> None:
    person = walk.people["courier-1"]
    said, other = said_by(walk, "courier-1"), said_by(walk, "courier-1")
    foreign = signed(STATEMENT_TYPE, other, [person]).signatures
    envelope = replace(signed(STATEMENT_TYPE, said, [person]), signatures=foreign)
    walk.log.force(walk.log.place(A, envelope))
    assert faults(judge(walk.log)) == [(8, "signature_bad", len(walk.log.entries) - 1)]


def test_a_log_that_signs_for_people_is_found(walk: Walk) -> None:
    """The operator has the log's key, rewrites an entry and all that follows, and signs anew."""
    log = walk.log
    victim = log.place(A, signed(STATEMENT_TYPE, said_by(walk, "courier-1"), []))
    forger = log.new_pair()
    signature = Signature(
        key_id=walk.people["courier-1"].pair.key_id, signature=forger.sign(victim.envelope.pae)
    )
    forged = replace(victim, envelope=replace(victim.envelope, signatures=(signature,)))
    log.force(forged)
    assert faults(judge(log, log.policy)) == [(8, "signature_bad", forged.index)]


def test_a_key_that_nobody_enrolled_is_not_valid(walk: Walk) -> None:
    stranger = replace(walk.people["courier-1"], pair=walk.log.new_pair())
    walk.people["courier-1"] = stranger
    index = force(walk, said_by(walk, "courier-1"), [stranger])
    assert faults(judge(walk.log)) == [(8, "key_not_valid", index)]


def test_a_revoked_key_is_not_valid_afterwards_and_suspect_before(walk: Walk) -> None:
    lost = walk.people["courier-1"]
    before = walk.log.record(said_by(walk, "courier-1"), [lost]).index
    approvers = [walk.people["maker-1"], walk.people["hub-1"]]
    said = walk.log.key_statement(
        "revoke_key",
        [each.as_signer("approver", "lost") for each in approvers],
        revokes=[lost.pair.key_id],
        reason="lost",
        suspect_since="2026-11-01T00:00:00.000Z",
    )
    walk.log.record_keys(said, approvers)
    after = force(walk, said_by(walk, "courier-1"), [lost])
    found = judge(walk.log)
    assert faults(found) == [(8, "key_not_valid", after)]
    assert (8, "key_suspect", before) in notes(found)


def test_a_key_is_not_valid_before_it_was_enrolled(walk: Walk) -> None:
    said, people = enrolment(walk)
    early = people[0]
    walk.people["courier-2"] = early
    index = force(walk, said_by(walk, "courier-2"), [early])
    walk.log.record_keys(said, people)
    assert faults(judge(walk.log)) == [(8, "key_not_valid", index)]


@pytest.mark.parametrize("change", [{"name": "Eve"}, {"user": "eve"}, {"party": "courier"}])
def test_a_signer_under_another_name_is_found(walk: Walk, change: dict[str, Any]) -> None:
    liar = replace(walk.people["hub-1"], **change)
    walk.people["hub-1"] = liar
    by_nobody: dict[str, Any] = {"from": None}
    index = force(walk, said_by(walk, "hub-1", **by_nobody), [liar])
    assert faults(judge(walk.log)) == [(8, "signer_differs", index)]


def test_who_acts_for_another_party_is_found(walk: Walk) -> None:
    said = said_by(walk, "hub-1", **{"from": "courier"})
    index = force(walk, said, [walk.people["hub-1"]])
    assert faults(judge(walk.log)) == [(8, "signer_differs", index)]


def test_a_second_signer_of_another_party_is_found(walk: Walk) -> None:
    for second, found in (("courier-2", []), ("hub-2", ["signer_differs"])):
        people = [walk.people["courier-1"], walk.people[second]]
        said = walk.log.statement("inspect", A, people, place=PLACE, **{"from": "courier"})
        index = force(walk, said, people)
        assert [each[1] for each in faults(judge(walk.log)) if each[2] == index] == found


# (9)
def test_a_statement_that_cannot_follow_breaks_the_rules(walk: Walk) -> None:
    said = said_by(walk, "maker-1", "commission", items=("x",), coi="ab" * 32)
    index = force(walk, said, [walk.people["maker-1"]])
    assert faults(judge(walk.log)) == [(9, "rule_broken", index)]


def test_a_statement_that_saw_a_fork_breaks_the_rules(walk: Walk) -> None:
    said = said_by(walk, "courier-1", seen={"sequence": 3, "hash": "ab" * 32})
    index = force(walk, said, [walk.people["courier-1"]])
    assert faults(judge(walk.log)) == [(9, "rule_broken", index)]


def test_what_is_in_conflict_is_noted_and_must_be_marked_rightly(walk: Walk) -> None:
    state = walk.log.story(A)
    maker = walk.people["maker-1"]
    assert state.state.holder != "maker"
    seen = {"sequence": 1, "hash": walk.log.chain(A).leaves[0].hex()}
    said = said_by(walk, "maker-1", "store", seen=seen)
    right = walk.log.chain(A).leaves[2]
    for marked, codes in (
        (right, set()),
        (None, {"rule_broken"}),
        (walk.log.chain(A).leaves[1], {"rule_broken"}),
    ):
        again = said.model_copy(update={"id": walk.log.new_id()})
        index = force(walk, again, [maker], {"conflict_with": marked})
        found = judge(walk.log)
        assert {each[1] for each in faults(found) if each[2] == index} == codes
        assert ((9, "in_conflict", index) in notes(found)) == (marked is not None)


def test_the_receipt_of_what_is_in_conflict_says_so_and_does_not_judge_it(walk: Walk) -> None:
    maker, leaf = walk.people["maker-1"], walk.log.chain(A).leaves[0]
    index = force(walk, said_by(walk, "maker-1", "store"), [maker], {"conflict_with": leaf})
    walk.log.checkpoint()
    receipt = verify(walk.log.receipt(index))
    assert faults(receipt) == []
    assert (9, "in_conflict", index) in notes(receipt)


def test_an_answer_to_an_offer_in_conflict_is_in_conflict_with_that_offer(walk: Walk) -> None:
    log, seen = walk.log, {"sequence": 1, "hash": walk.log.chain(A).leaves[0].hex()}
    lost = walk._say("offer", A, "maker", to="clinic", seen=seen)
    entry, clinic = log.leaves[-1], walk.people["clinic-1"]
    fields = {"from": "maker", "to": "clinic", "answers": statement_hash(lost), "remarks": "so"}
    for kind in ("accept", "refuse"):
        answer = log.record(log.statement(kind, A, [clinic], **fields), [clinic])
        assert answer.conflict_with == entry
    assert faults(judge(log)) == []
    unmarked = force(walk, log.statement("accept", A, [clinic], **fields), [clinic])
    assert faults(judge(log)) == [(9, "rule_broken", unmarked)]


def test_who_does_not_say_what_was_seen_is_never_in_conflict(walk: Walk) -> None:
    said = said_by(walk, "maker-1", "store", seen=None)
    for marked in (None, walk.log.chain(A).leaves[2]):
        again = said.model_copy(update={"id": walk.log.new_id()})
        index = force(walk, again, [walk.people["maker-1"]], {"conflict_with": marked})
        assert (9, "rule_broken", index) in faults(judge(walk.log))


def test_what_is_marked_in_conflict_and_is_not_breaks_the_rules(walk: Walk) -> None:
    leaf = walk.log.chain(A).leaves[-1]
    person = walk.people["courier-1"]
    index = force(walk, said_by(walk, "courier-1"), [person], {"conflict_with": leaf})
    assert faults(judge(walk.log)) == [(9, "rule_broken", index)]


# (10)
def test_a_changed_reading_breaks_the_seal(walk: Walk) -> None:
    walk._say("commission", "B", "maker", items=["x"], coi="ab" * 32)
    while not walk.log.readings.get(len(walk.log.entries) - 1):
        walk.legs.clear()
        walk._seal("B")
    walk.log.checkpoint()
    material = walk.log.bundle_material("B")
    index, data = max(material.readings.items())
    lines = data.splitlines(keepends=True)
    for changed in (lines[:-1], [*lines, lines[-1]], []):
        readings = dict(material.readings) | {index: b"".join(changed)}
        found = verify(make_file(replace(material, readings=readings)))
        assert (10, "seal_broken", index) in faults(found)
        assert [each[2] for each in faults(found) if each[1] == "seal_broken"] == [index]


def test_readings_that_are_not_shown_are_noted(log: SignedLog) -> None:
    material = replace(log.bundle_material(A), readings={})
    assert (10, "readings_not_shown", 5) in notes(verify(make_file(material)))
    assert (10, "readings_not_shown", 5) in notes(verify(log.receipt(5)))


def test_a_seal_that_hides_the_one_before_it_is_found(walk: Walk) -> None:
    sealed = {
        "leg": 1,
        "from": None,
        "until": walk.legs[A][0][1].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "count": 0,
        "root": "ab" * 32,
        "earlier": None,
    }
    sealer = walk.people["sealer"]
    said = walk.log.statement("seal_readings", A, [sealer], shipment=f"U-{A}", sealed=sealed)
    index = force(walk, said, [sealer])
    assert faults(judge(walk.log)) == [(9, "rule_broken", index), (10, "seal_rule_broken", index)]


# (11)
def test_something_else_than_a_timestamp_is_found(log: SignedLog) -> None:
    material = replace(log.bundle_material(A), timestamps={7: b"junk"})
    found = verify(make_file(material), log.policy)
    assert found.agreed == [
        (11, "timestamp_bad", None, "fault"),
        (11, "timestamp_not_checked", None, "note"),
    ]


def test_a_timestamp_is_one_of_the_checkpoint_that_it_stands_beside(
    log: SignedLog, tmp_path: Path
) -> None:
    if openssl() is None or find_spec("rfc3161_client") is None:
        pytest.skip("openssl or rfc3161-client is missing")
    material = log.bundle_material(A)
    note = parse_note(material.checkpoint)
    stamped = replace(note, signatures=note.signatures[:1]).to_bytes()
    for digest in ("sha256", "sha384", "sha512"):
        for data, codes in ((stamped, set()), (note.to_bytes(), {"timestamp_bad"})):
            response = stamp(tmp_path / f"{digest}-{len(codes)}", data, digest)
            found = verify(make_file(replace(material, timestamps={7: response})), log.policy)
            assert {each[1] for each in faults(found)} == codes
            assert notes(found) == [(11, "timestamp_not_checked", None)]
