"""Keys, chains, tree, checkpoint and witnesses: each fault found alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custody.bundle import Earlier, make_file, members_of, seal_members
from custody.cosignature import cosign, witness_key
from custody.entry import KEYS_CHAIN
from custody.envelope import KEY_STATEMENT_TYPE
from custody.merkle import inclusion_proof
from custody.note import parse_note
from custody.policy import Known, Policy
from custody.verify import verify
from tests.support.signed_case import SignedLog, signed
from tests.support.signed_walk import Walk
from tests.support.verify_case import (
    A,
    enrolment,
    faults,
    force,
    force_keys,
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


# (3)
def test_a_broken_chain_of_keys_is_found(walk: Walk) -> None:
    index = force_keys(walk, *enrolment(walk), order_sequence=9)
    assert faults(judge(walk.log)) == [(3, "key_chain_broken", index)]


def test_a_key_that_one_approver_let_in_breaks_the_rules(walk: Walk) -> None:
    index = force_keys(walk, *enrolment(walk, ("maker-1",)))
    assert faults(judge(walk.log)) == [(3, "key_rule_broken", index)]


def test_a_key_statement_that_saw_another_chain_breaks_the_rules(walk: Walk) -> None:
    index = force_keys(walk, *enrolment(walk, seen={"sequence": 2, "hash": "ab" * 32}))
    assert faults(judge(walk.log)) == [(3, "key_rule_broken", index)]


def test_a_forged_approval_is_found(walk: Walk) -> None:
    said, people = enrolment(walk)
    forged = replace(people[2], pair=walk.log.new_pair())
    envelope = signed(KEY_STATEMENT_TYPE, said, [*people[:2], forged])
    real = signed(KEY_STATEMENT_TYPE, said, people).signatures[2]
    signature = replace(envelope.signatures[2], key_id=real.key_id)
    envelope = replace(envelope, signatures=(*envelope.signatures[:2], signature))
    entry = walk.log.place(KEYS_CHAIN, envelope)
    walk.log.force(entry)
    assert faults(judge(walk.log)) == [(3, "key_signature_bad", entry.index)]


def test_an_entry_recorded_under_other_keys_is_found(walk: Walk) -> None:
    said = said_by(walk, "courier-1")
    index = force(walk, said, [walk.people["courier-1"]], {"keys": bytes(32)})
    assert faults(judge(walk.log)) == [(3, "keys_pointer_wrong", index)]


# (4)
@pytest.mark.parametrize("change", [{"order_sequence": 9}, {"previous": b"\xab" * 32}])
def test_a_broken_chain_of_the_order_is_found(walk: Walk, change: dict[str, Any]) -> None:
    index = force(walk, said_by(walk, "courier-1"), [walk.people["courier-1"]], change)
    assert faults(judge(walk.log)) == [(4, "order_chain_broken", index)]


def test_a_receipt_whose_entry_is_and_is_not_the_first_is_found(walk: Walk) -> None:
    person = walk.people["courier-1"]
    index = force(walk, said_by(walk, "courier-1"), [person], {"previous": bytes(32)})
    walk.log.checkpoint()
    assert faults(verify(walk.log.receipt(index))) == [(4, "order_chain_broken", index)]


def test_what_was_signed_for_another_log_is_found(walk: Walk) -> None:
    said = said_by(walk, "courier-1", log="unbroken/other")
    index = force(walk, said, [walk.people["courier-1"]])
    assert faults(judge(walk.log)) == [(4, "other_log", index)]


def test_a_file_that_names_another_log_is_found(log: SignedLog) -> None:
    members = members_of(log.bundle_material(A))
    members["about.json"] = members["about.json"].replace(b"unbroken/", b"unbroken_")
    indexes = [None, 0, 1, 2, 3, 4, 5, 6]
    assert faults(verify(seal_members(members))) == [(4, "other_log", each) for each in indexes]


def test_what_was_signed_for_another_order_is_found(walk: Walk) -> None:
    said = said_by(walk, "courier-1").model_copy(update={"order": "A-9"})
    index = force(walk, said, [walk.people["courier-1"]])
    assert faults(judge(walk.log)) == [(4, "other_order", index)]


def test_back_dating_is_found(walk: Walk) -> None:
    earlier = {"recorded_at": walk.log.now - timedelta(days=1)}
    index = force(walk, said_by(walk, "courier-1"), [walk.people["courier-1"]], earlier)
    assert faults(judge(walk.log)) == [(4, "order_of_time", index)]


# (5)
def test_an_entry_without_its_place_in_the_tree_is_not_included(log: SignedLog) -> None:
    material = log.bundle_material(A)
    paths = dict(material.paths) | {4: inclusion_proof(log.leaves, 5)}
    assert faults(verify(make_file(replace(material, paths=paths)))) == [(5, "not_included", 4)]


# (6)
def test_a_checkpoint_that_the_log_did_not_sign_is_found(log: SignedLog) -> None:
    material = log.bundle_material(A)
    note = parse_note(material.checkpoint)
    bad = replace(note.signatures[0], signature=bytes(64))
    for signatures in (
        (bad, *note.signatures[1:]),
        note.signatures[1:],
        (note.signatures[0], *note.signatures),
    ):
        changed = replace(material, checkpoint=replace(note, signatures=signatures).to_bytes())
        assert faults(verify(make_file(changed))) == [(6, "checkpoint_signature_bad", None)]


def test_an_earlier_checkpoint_of_another_past_is_found(log: SignedLog) -> None:
    material = log.bundle_material(A)
    changed = {
        size: Earlier(note=each.note, consistency=each.consistency[:-1])
        for size, each in material.earlier.items()
    }
    found = verify(make_file(replace(material, earlier=changed)))
    assert faults(found) == [(6, "checkpoint_inconsistent", None)]


def test_another_log_than_the_one_pinned_is_found(log: SignedLog) -> None:
    other = replace(log.policy, logs=SignedLog(99).policy.logs)
    assert faults(verify(log.bundle(A), other)) == [(6, "other_log_key", None)]


# (7)
def test_a_cosignature_that_does_not_belong_is_found(walk: Walk) -> None:
    log = walk.log
    note = parse_note(log.checkpoint(cosigned_by=2))
    material = log.bundle_material(A)
    name, pair = next(iter(log.witnesses.items()))
    bad = replace(note.signatures[1], signature=bytes(72))
    stranger = cosign(note.text, "example.org/w9", log.new_pair(), log.now)
    again = cosign(note.text, name, pair, log.now + timedelta(days=1))
    for checkpoint in (
        replace(note, signatures=(note.signatures[0], bad, note.signatures[2])).to_bytes(),
        note.to_bytes() + stranger.encode(),
        note.to_bytes() + again.encode(),
    ):
        found = verify(make_file(replace(material, checkpoint=checkpoint)))
        assert (7, "cosignature_bad", None) in faults(found)
        assert {each[1] for each in faults(found)} == {"cosignature_bad"}


def test_too_few_witnesses_are_a_fault_for_who_pinned_them_and_else_a_note(walk: Walk) -> None:
    walk.log.checkpoint(cosigned_by=1)
    data = walk.log.bundle(A)
    pinned = verify(data, walk.log.policy)
    assert faults(pinned) == [(7, "quorum_not_met", None)]
    assert (pinned.witnessed.count, pinned.witnessed.quorum_met) == (1, False)
    assert faults(verify(data)) == []
    assert (7, "quorum_not_met", None) in notes(verify(data))


def test_witnesses_that_the_log_does_not_name_count_for_who_pinned_them(walk: Walk) -> None:
    log = walk.log
    own, other = log.new_pair(), log.policy
    note = log.checkpoint()
    cosigned = note + cosign(parse_note(note).text, "mine", own, log.now).encode()
    data = make_file(replace(log.bundle_material(A), checkpoint=cosigned))
    mine = Known(key=witness_key("mine", own.public))
    pinned = Policy(logs=other.logs, witnesses={"me": mine}, quorum="me")
    found = verify(data, pinned)
    assert (found.agreed, found.witnessed.count) == ([], 1)
    assert faults(verify(data)) == [(7, "cosignature_bad", None)]
