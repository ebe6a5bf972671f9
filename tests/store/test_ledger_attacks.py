"""Attacks T1 to T19 (reliability.md 7.1), by a superuser with the triggers off: all are named.

Each is carried out in a transaction that is undone. The attacker is as strong as the table says:
what can be made to fit is made to fit, and where a weaker reader sees nothing, the test says so.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from custody.audit_checkpoints import Trust, Witness
from custody.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from custody.entry import Entry, parse_entry
from custody.envelope import Envelope
from custody.export import bundle
from custody.keys import current_keys
from custody.ledger import append
from custody.log_growth import grown
from custody.merkle import leaf_hash
from custody.tree import stored_consistency_proof
from custody.verify import verify
from custody.verify_result import Severity
from custody.witness import Head, Refusal, Request, admit, decide
from custody.witnessing import witnessed
from schemas.errors import CustodyConflict, Duplicate, LedgerCorrupt, SignatureRefused
from schemas.statement import Statement
from store.database import open_engine, transaction
from store.ledger import read_head
from tests.strategies_custody import statement_of
from tests.support.attacked_log import (
    ATTACKER,
    LOG_PAIR,
    SIGNED,
    SIZE,
    Attacked,
    attacked,
    build,
    log_key,
    policy,
    rebuilt,
    sign,
)
from tests.support.custody_case import NOW, record, story
from tests.support.postgres import PgServer
from tests.support.signing import (
    FOUNDERS,
    LOG,
    Person,
    desk,
    envelope_of,
    key_statement_of,
)

pytestmark = pytest.mark.pg

PACK = 3
"""Index of A-1's packing, which can be left out of the story without a rule noticing."""


@pytest.fixture(scope="module")
def log(pg_server: PgServer, template: str) -> Iterator[Engine]:
    with pg_server.fresh_engine(template=template) as engine:
        build(engine)
        yield engine


@pytest.fixture
def attack(log: Engine) -> Iterator[Attacked]:
    with attacked(log) as attack:
        yield attack


def condition(number: int = 1, party: str = "clinic", **fields: Any) -> Statement:
    """Return a statement that changes nothing, of a fresh id."""
    said = {"id": str(UUID(int=number)), "from": party, "remarks": "as it was"} | fields
    return statement_of("condition", **said)


def last_of(attack: Attacked, order: str) -> dict[str, Any]:
    """Return the head of an order's chain, as a phone saw it."""
    row = [row for row in attack.rows() if row.order_code == order][-1]
    return {"sequence": row.order_sequence, "hash": row.leaf_hash.hex()}


def without(attack: Attacked, *indexes: int) -> list[Entry]:
    """Return the log's entries but some."""
    return [entry for entry in attack.entries() if entry.index not in indexes]


def faults(attack: Attacked, order: str = "A-1") -> set[str]:
    """Return the codes of what somebody finds who has a bundle and knows log and witnesses."""
    found = verify(bundle(attack.session, order, policy=policy()), policy())
    return {code for _, code, _, severity in found.agreed if severity == Severity.FAULT}


def test_nothing_is_found_in_a_log_that_nobody_attacked(attack: Attacked) -> None:
    attack.passes(attack.witnessed)
    assert faults(attack) == set()
    assert attack.audit(since=attack.state).ok


# T1: a field of an entry edited.


def test_t1_signed_bytes_edited_in_the_column_are_named(attack: Attacked) -> None:
    edited = attack.rows()[7].statement_bytes.replace(b"I offer", b"I never")
    attack.run("UPDATE ledger_entry SET statement_bytes = :edited WHERE index = 7", edited=edited)
    attack.named(7, "column statement_bytes")


def test_t1_an_entry_whose_hash_was_made_to_fit_is_named_by_its_signature(
    attack: Attacked,
) -> None:
    entries = attack.entries()
    entries[7] = forged(entries[7], {b'"maker"': b'"other"'})
    attack.replace_log(entries)
    attack.forget_checkpoints()
    attack.named(7, "does not belong to these bytes", Trust())


def forged(entry: Entry, changes: dict[bytes, bytes]) -> Entry:
    """Return an entry whose signed bytes say something else under the same signatures."""
    payload = entry.envelope.payload
    for old, new in changes.items():
        payload = payload.replace(old, new)
    return replace(entry, envelope=replace(entry.envelope, payload=payload))


# T2: readable columns edited, the signed bytes left.


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("order_code", "'A-3'"),
        ("shipment_code", "'U-9'"),
        ("shipment_code", "NULL"),
        ("kind", "'infuse'"),
        ("statement_id", "gen_random_uuid()"),
        ("recorded_at", "recorded_at + interval '1 ms'"),
        ("claimed_at", "claimed_at - interval '1 hour'"),
        ("from_party_id", "'hub'"),
        ("to_party_id", "NULL"),
        ("place_gln", "'4012345000000'"),
        ("signer", "'another'"),
        ("order_sequence", "99"),
        ("conflict_with", "leaf_hash"),
        ("keys", "sha256(keys)"),
        ("index", "1000"),
    ],
)
def test_t2_a_readable_column_that_differs_from_the_bytes_is_named(
    attack: Attacked, column: str, value: str
) -> None:
    attack.run(f"UPDATE ledger_entry SET {column} = {value} WHERE index = 9")
    attack.named(9, "Entry 9 is missing" if column == "index" else f"column {column} says")


# T3: one in the middle deleted.


def test_t3_a_deleted_entry_is_named(attack: Attacked) -> None:
    attack.run("DELETE FROM ledger_entry WHERE index = 7")
    attack.named(7, "Entry 7 is missing from the log.")


def test_t3_a_deleted_entry_is_named_although_the_rest_moved_up(attack: Attacked) -> None:
    attack.run(
        "DELETE FROM ledger_entry WHERE index = 7",
        "UPDATE ledger_entry SET index = index + 1000 WHERE index > 7",
        "UPDATE ledger_entry SET index = index - 1001 WHERE index > 7",
    )
    attack.named(7, "column index says 7, its bytes say 8")


def test_t3_an_entry_left_out_of_a_rewritten_log_is_named_by_what_was_signed(
    attack: Attacked,
) -> None:
    attack.replace_log(without(attack, PACK))
    attack.named(SIGNED[0] - 1, "was rewritten or forked before entry 10")


# T4: two swapped.


def test_t4_two_swapped_entries_are_named(attack: Attacked) -> None:
    attack.run(
        "UPDATE ledger_entry SET index = 1000 WHERE index = 5",
        "UPDATE ledger_entry SET index = 5 WHERE index = 8",
        "UPDATE ledger_entry SET index = 8 WHERE index = 1000",
    )
    attack.named(5, "column index says 5, its bytes say 8")


def test_t4_two_orders_entries_swapped_in_a_rewritten_log_are_named_by_what_was_signed(
    attack: Attacked,
) -> None:
    entries = attack.entries()
    entries[5], entries[6] = entries[6], entries[5]
    attack.replace_log(entries)
    attack.named(SIGNED[0] - 1, "was rewritten or forked before entry 10")


# T5: one inserted.


def test_t5_an_entry_behind_the_head_is_named(attack: Attacked) -> None:
    attack.say(condition())
    attack.run(
        "UPDATE ledger_head SET (size, frontier, root) = (:size, :frontier, :root)",
        size=SIZE,
        frontier=attack.state.frontier.to_bytes(),
        root=attack.state.frontier.root(),
    )
    attack.named(SIZE, "Entry 25 lies beyond the log's end at 25.")


def test_t5_an_entry_that_nobody_signed_is_named(attack: Attacked) -> None:
    said = condition()
    nobody = Person(user="attacker")
    attack.say(said, envelope_of(said, nobody))
    attack.named(SIZE, "The signatures are not those of the signers")


def test_t5_an_entry_signed_by_a_key_that_was_never_enrolled_is_named(attack: Attacked) -> None:
    nobody = Person(user="attacker", party="clinic")
    attack.say(condition(signers=[nobody.signer()]))
    attack.named(SIZE, "The key of attacker is not enrolled.")


def test_t5_an_entry_inserted_into_a_rewritten_log_is_named_by_what_was_signed(
    attack: Attacked,
) -> None:
    entries = attack.entries()
    entries.insert(5, attack.entry_of(condition(party="maker")))
    attack.replace_log(entries)
    attack.named(SIGNED[0] - 1, "was rewritten or forked before entry 10")


# T6: the tail cut off.


@pytest.mark.parametrize("cut", [1, 3])
def test_t6_entries_gone_before_the_head_are_named(attack: Attacked, cut: int) -> None:
    attack.run("DELETE FROM ledger_entry WHERE index >= :kept", kept=SIZE - cut)
    attack.named(SIZE - cut, "missing from the log")


def test_t6_a_tail_cut_off_with_all_that_knew_of_it_is_named_by_who_saw_more(
    attack: Attacked,
) -> None:
    seen, last = last_of(attack, "A-2"), attack.entries()[-1]
    attack.replace_log(without(attack, SIZE - 1))
    attack.run(f"DELETE FROM ledger_checkpoint WHERE size = {SIZE}")
    attack.run(f"DELETE FROM ledger_cosignature WHERE size = {SIZE}")
    attack.passes()  # nothing in the database knows
    attack.named(SIZE - 1, "Witness w0 saw 25 entries, and the log has 24", attack.witnessed)
    with pytest.raises(LedgerCorrupt, match="its end was cut off, or an old backup"):
        grown(attack.session, signed_head(attack.witnessed))  # the notary will not sign on
    with pytest.raises(CustodyConflict, match="saw an entry 12 of A-2 that this ledger does not"):
        append(attack.session, envelope_of(condition(order=last.order, seen=seen)), NOW)


def signed_head(trust: Trust) -> Checkpoint:
    """Return the last checkpoint as the second place has it."""
    (head,) = trust.heads
    return Checkpoint(origin=LOG, size=head.size, root=head.root)


# T7: a fork; one auditor sees one log, another the other.


def test_t7_a_fork_of_the_same_size_is_named_by_who_saw_the_other(attack: Attacked) -> None:
    fork = [*without(attack, SIZE - 1), attack.entry_of(condition(order="A-2"))]
    attack.replace_log(fork)
    attack.resign(LOG_PAIR, witnesses=0)
    attack.passes()  # a log of its own, signed by the log's key
    attack.named(SIZE - 1, "Witness w0 has another root over the first 25", attack.witnessed)


@pytest.mark.parametrize(
    ("more", "status"), [(0, HTTPStatus.CONFLICT), (1, HTTPStatus.UNPROCESSABLE_ENTITY)]
)
def test_t7_a_witness_does_not_cosign_the_other_branch(
    attack: Attacked, more: int, status: HTTPStatus
) -> None:
    (seen,) = attack.witnessed.heads
    fork = [attack.entry_of(condition(n + 1, order="A-2")) for n in range(1 + more)]
    attack.replace_log([*without(attack, SIZE - 1), *fork])
    attack.resign(LOG_PAIR)
    refusal = refused_by_witness(attack, seen)
    assert (refusal.status, refusal.contradicts) == (status, True)


def refused_by_witness(attack: Attacked, seen: Witness) -> Refusal:
    """Return what a witness answers to the log as it is now, signed by the log's key."""
    head = read_head(attack.session)
    checkpoint = Checkpoint(origin=LOG, size=head.size, root=head.root)
    proof = (
        stored_consistency_proof(attack.session, seen.size, head.size)
        if seen.size < head.size
        else ()
    )
    note = sign_checkpoint(checkpoint, LOG_PAIR)
    request = Request(old_size=min(seen.size, head.size), proof=proof, note=note)
    submission = admit(request.to_bytes(), {LOG: (log_key(),)})
    assert not isinstance(submission, Refusal)
    refusal = decide(submission, Head(size=seen.size, root=seen.root))
    assert refusal is not None
    return refusal


# T8: the whole chain rewritten, without any key.


def test_t8_a_whole_rewrite_passes_where_nobody_keeps_anything(attack: Attacked) -> None:
    attack.replace_log(without(attack, PACK))
    attack.forget_checkpoints()
    attack.passes(Trust())
    attack.resign(ATTACKER)
    attack.passes(Trust())


def test_t8_a_whole_rewrite_cannot_be_signed_with_the_log_s_key(attack: Attacked) -> None:
    attack.replace_log(without(attack, PACK))
    attack.resign(ATTACKER)
    attack.named(SIZE - 2, "Checkpoint of size 24")
    assert "other_log_key" in faults(attack)


def test_t8_a_whole_rewrite_is_named_by_each_checkpoint_that_was_left(attack: Attacked) -> None:
    attack.replace_log(without(attack, PACK))
    report = attack.audit()
    assert [(one.index, "rewritten" in one.sentence) for one in report.findings] == [
        (SIGNED[0] - 1, True),
        (SIGNED[1] - 1, True),
        (SIZE - 1, False),
    ]


def test_t8_what_somebody_said_cannot_be_rewritten(attack: Attacked) -> None:
    entries = attack.entries()
    entries[PACK] = forged(entries[PACK], {b"88-1207": b"88-1208"})
    attack.replace_log(entries)
    attack.resign(ATTACKER)
    attack.named(PACK, "The signature of maker.desk does not belong to these bytes.", Trust())
    assert "signature_bad" in faults(attack)


# T9: the whole chain rewritten, with the log's key.


def test_t9_a_whole_rewrite_with_the_log_s_key_is_named_by_a_witness(attack: Attacked) -> None:
    attack.replace_log(without(attack, PACK))
    attack.resign(LOG_PAIR)
    attack.passes()
    attack.named(SIZE - 1, "Witness w0 saw 25 entries, and the log has 24", attack.witnessed)
    assert faults(attack) == {"quorum_not_met"}


def test_t9_the_log_s_key_signs_for_nobody_else(attack: Attacked) -> None:
    entries = attack.entries()
    entries[PACK] = forged(entries[PACK], {b"88-1207": b"88-1208"})
    attack.replace_log(entries)
    attack.resign(LOG_PAIR, witnesses=0)
    attack.named(PACK, "The signature of maker.desk does not belong to these bytes.")


def test_t9_a_witness_does_not_cosign_a_rewrite_that_grew(attack: Attacked) -> None:
    more = [attack.entry_of(condition(n + 1)) for n in range(3)]
    (seen,) = attack.witnessed.heads
    attack.replace_log([*without(attack, PACK), *more])
    refusal = refused_by_witness(attack, seen)
    assert (refusal.status, refusal.contradicts) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)


# T10: dated back.


def test_t10_an_entry_dated_before_the_one_in_front_is_named(attack: Attacked) -> None:
    entries = attack.entries()
    entries[7] = replace(entries[7], recorded_at=entries[7].recorded_at.replace(year=2025))
    attack.replace_log(entries)
    attack.named(7, "recorded earlier than the entry before it")


def test_t10_all_entries_dated_back_together_are_named_by_what_was_signed(
    attack: Attacked,
) -> None:
    entries = attack.entries()
    early = [replace(one, recorded_at=one.recorded_at - timedelta(days=1)) for one in entries[:9]]
    attack.replace_log([*early, *entries[9:]])
    attack.named(SIGNED[0] - 1, "was rewritten or forked before entry 10")


# T11: signatures swapped.


def test_t11_the_signature_of_another_statement_is_named(attack: Attacked) -> None:
    entries = attack.entries()
    other = entries[PACK + 2].envelope  # the release, signed by the same desk
    assert other.signatures[0].key_id == entries[PACK].envelope.signatures[0].key_id
    swapped = replace(entries[PACK].envelope, signatures=other.signatures)
    entries[PACK] = replace(entries[PACK], envelope=swapped)
    attack.replace_log(entries)
    attack.named(PACK, "The signature of maker.desk does not belong to these bytes.")


def test_t11_the_signature_of_the_same_step_of_another_order_is_named(attack: Attacked) -> None:
    entries = attack.entries()
    swapped = replace(entries[PACK].envelope, signatures=entries[PACK + 1].envelope.signatures)
    entries[PACK] = replace(entries[PACK], envelope=swapped)
    attack.replace_log(entries)
    attack.named(PACK, "The signature of maker.desk does not belong to these bytes.")


def test_t11_another_person_s_good_signature_is_named(attack: Attacked) -> None:
    said = condition()
    attack.say(said, envelope_of(said, desk("hub")))
    attack.named(SIZE, "The signatures are not those of the signers, one each, in their order.")


def test_t11_a_good_signature_for_another_party_is_named(attack: Attacked) -> None:
    attack.say(condition(party="clinic", signers=[desk("hub").signer()]))
    attack.named(SIZE, "hub.desk signs for hub, and cannot act for clinic.")


def test_t11_a_good_signature_under_another_name_is_named(attack: Attacked) -> None:
    signer = desk("clinic").signer() | {"name": "Somebody Else"}
    attack.say(condition(signers=[signer]))
    attack.named(SIZE, "clinic.desk (Somebody Else) signs with the key of clinic.desk.")


def test_t11_a_statement_signed_for_another_log_is_named(attack: Attacked) -> None:
    attack.say(condition(log="unbroken/other"))
    attack.named(SIZE, "Entry 25 was signed for another log, unbroken/other.")


def test_t11_a_statement_of_another_order_is_named(attack: Attacked) -> None:
    attack.say(condition(order="A-2"), order="A-1")
    attack.named(SIZE, "Entry 25 is of another order than its statement.")


def test_t11_a_signature_under_another_type_of_payload_is_named(attack: Attacked) -> None:
    said = condition()
    signed = envelope_of(said)
    bare = Envelope(payload_type="text/plain", payload=signed.payload)
    pair = desk("clinic").pair
    other = replace(signed.signatures[0], signature=pair.sign(bare.pae))
    attack.say(said, replace(signed, signatures=(other,)))
    attack.named(SIZE, "The signature of clinic.desk does not belong to these bytes.")


# T12: a stolen key.


def revoke(attack: Attacked, person: Person, **fields: Any) -> int:
    """Revoke a person's key as two approvers do; return the entry's index."""
    head = current_keys(attack.session)
    said = key_statement_of(
        "revoke_key",
        id=str(UUID(int=12)),
        revokes=[person.pair.key_id],
        signers=[one.signer("approver") for one in FOUNDERS],
        seen={"sequence": head.sequence, "hash": head.head.hex()},
        reason="stolen",
        **fields,
    )
    return append(attack.session, envelope_of(said), NOW).index


def test_t12_a_stolen_key_does_not_count_from_its_revocation_on(attack: Attacked) -> None:
    revoked = revoke(attack, desk("clinic"))
    assert attack.audit().ok
    with pytest.raises(SignatureRefused, match=rf"clinic\.desk was revoked at entry {revoked}"):
        append(attack.session, envelope_of(condition(2)), NOW)
    attack.say(condition())
    attack.named(revoked + 1, f"The key of clinic.desk was revoked at entry {revoked}.")


def test_t12_what_a_stolen_key_signed_before_stands_and_is_to_be_looked_at(
    attack: Attacked,
) -> None:
    suspect = condition(claimed_at="2026-11-21T11:00:00.000Z")
    index = append(attack.session, envelope_of(suspect), NOW).index
    revoke(attack, desk("clinic"), suspect_since="2026-11-21T10:30:00.000Z")
    report = attack.audit()
    assert report.ok
    assert [(one.index, "look at it again" in one.sentence) for one in report.notes] == [
        (index, True)
    ]


def test_t12_a_statement_moved_in_front_of_the_revocation_is_named_by_a_witness(
    attack: Attacked,
) -> None:
    revoked = revoke(attack, desk("clinic"))
    head = read_head(attack.session)
    seen = Witness(source="Witness w0", size=head.size, root=head.root)
    entries = attack.entries()
    attack.replace_log([*entries[:revoked], attack.entry_of(condition()), entries[revoked]])
    attack.resign(LOG_PAIR)
    attack.run("UPDATE signing_key SET revoked_index = 26 WHERE username = 'clinic.desk'")
    attack.passes()
    attack.named(revoked, "has another root", replace(attack.trust, heads=(seen,)))


# T13: a signed statement replayed.


def test_t13_a_statement_sent_again_keeps_its_place(attack: Attacked) -> None:
    again = append(attack.session, envelope_of(story("A-1")[1]), NOW)
    assert (again.index, again.new) == (PACK, False)
    assert read_head(attack.session).size == SIZE


def test_t13_a_statement_replayed_as_a_further_entry_is_named(attack: Attacked) -> None:
    once = condition()
    append(attack.session, envelope_of(once), NOW)
    attack.session.connection().exec_driver_sql(
        "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_statement_id_key"
    )
    attack.say(once)
    attack.named(SIZE + 1, "records a statement of A-1 again")
    sign(attack.session)
    assert faults(attack) == {"rule_broken"}


def test_t13_the_same_id_with_other_contents_is_refused(attack: Attacked) -> None:
    known = story("A-1")[1]
    with pytest.raises(Duplicate):
        append(attack.session, envelope_of(known.model_copy(update={"remarks": "else"})), NOW)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [({"log": "unbroken/other"}, "signed for the log unbroken/other"), ({"order": "A-2"}, None)],
)
def test_t13_bytes_signed_for_another_log_or_order_are_of_no_use_here(
    attack: Attacked, fields: dict[str, Any], refusal: str | None
) -> None:
    signed_elsewhere = envelope_of(condition(**fields))
    if refusal is not None:
        with pytest.raises(CustodyConflict, match=refusal):
            append(attack.session, signed_elsewhere, NOW)
        return
    here = envelope_of(condition())
    with pytest.raises(SignatureRefused, match="does not belong to these bytes"):
        append(attack.session, replace(here, signatures=signed_elsewhere.signatures), NOW)


# T14: a key put in by an administrator.

ADMIN = Person(user="admin")


def admins_key(attack: Attacked, *approvers: dict[str, Any]) -> Envelope:
    head = current_keys(attack.session)
    said = key_statement_of(
        "enrol_key",
        id=str(UUID(int=14)),
        keys=[ADMIN.key()],
        signers=[ADMIN.signer("holder"), *approvers],
        seen={"sequence": head.sequence, "hash": head.head.hex()},
    )
    by = [ADMIN, *(ADMIN for _ in approvers)]
    forged = envelope_of(said, *by)
    keys = [signer.key for signer in said.signers]
    signatures = zip(forged.signatures, keys, strict=True)
    return replace(forged, signatures=tuple(replace(one, key_id=key) for one, key in signatures))


def test_t14_a_key_that_one_approver_let_in_is_named(attack: Attacked) -> None:
    approver = FOUNDERS[0]
    envelope = admins_key(attack, approver.signer("approver"))
    good = replace(envelope.signatures[1], signature=approver.pair.sign(envelope.pae))
    envelope = replace(envelope, signatures=(envelope.signatures[0], good))
    with pytest.raises(CustodyConflict, match="2 different people must approve this"):
        append(attack.session, envelope, NOW)
    attack.append([replace(attack.entries()[0], envelope=envelope, order="")])
    attack.named(SIZE, "2 different people must approve this")


def test_t14_a_key_with_two_forged_approvals_is_named(attack: Attacked) -> None:
    envelope = admins_key(attack, *(one.signer("approver") for one in FOUNDERS))
    with pytest.raises(SignatureRefused, match=r"qa\.one does not belong"):
        append(attack.session, envelope, NOW)
    attack.append([replace(attack.entries()[0], envelope=envelope)])
    attack.named(SIZE, "about keys: The signature of qa.one does not belong to these bytes.")


def test_t14_a_key_in_the_register_only_is_named_and_does_not_count(attack: Attacked) -> None:
    attack.run(
        "INSERT INTO signing_key VALUES (:key, :public, 'maker.desk', 'Person maker.desk', "
        "'maker', true, 3, NULL, NULL)",
        key=ADMIN.pair.key_id,
        public=ADMIN.pair.public,
    )
    attack.named(3, "of maker.desk that no entry enrolled")
    signer = desk("maker").signer() | {"key": ADMIN.pair.key_id}
    said = condition(party="maker", signers=[signer])
    with pytest.raises(SignatureRefused, match="not enrolled"):
        append(attack.session, envelope_of(said, ADMIN), NOW)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("public", "sha256(public)"),
        ("username", "'another'"),
        ("name", "'Another'"),
        ("party_id", "'hub'"),
        ("approver", "NOT approver"),
        ("enrolled_index", "5"),
        ("revoked_index", "9"),
        ("suspect_since", "now()"),
    ],
)
def test_t14_a_key_edited_in_the_register_is_named(
    attack: Attacked, column: str, value: str
) -> None:
    key = desk("clinic").pair.key_id
    attack.run(f"UPDATE signing_key SET {column} = {value} WHERE key = :key", key=key)
    attack.named(5 if column == "enrolled_index" else 0, f"of clinic.desk: column {column} says")


def test_t14_a_key_gone_from_the_register_is_named(attack: Attacked) -> None:
    attack.run("DELETE FROM signing_key WHERE username = 'clinic.desk'")
    attack.named(0, "The key of clinic.desk is missing from the register.")


# T15: rotten bits, and a checkpoint forged to the right size.


@pytest.mark.parametrize(
    "column", ["entry_bytes", "statement_bytes", "leaf_hash", "previous", "root", "keys"]
)
@pytest.mark.parametrize("index", [0, 11, SIZE - 1])
def test_t15_one_rotten_bit_is_named(attack: Attacked, column: str, index: int) -> None:
    attack.run(
        f"UPDATE ledger_entry SET {column} = set_bit({column}, 9, 1 - get_bit({column}, 9)) "
        "WHERE index = :index",
        index=index,
    )
    report = attack.audit()
    assert report.first is not None
    assert report.first.index == index


def test_t15_entries_rotten_under_a_checkpoint_that_still_proves_growth_are_named(
    attack: Attacked,
) -> None:
    attack.run("UPDATE ledger_entry SET entry_bytes = '\\x00' WHERE index = 5")
    assert stored_consistency_proof(attack.session, SIGNED[0], SIZE)  # the tree is as it was
    attack.named(5, "Entry 5 cannot be read")


@pytest.mark.parametrize("pair", [ATTACKER, LOG_PAIR])
def test_t15_a_forged_checkpoint_of_the_right_size_is_named(attack: Attacked, pair: Any) -> None:
    root = leaf_hash(b"another log")
    note = sign_checkpoint(Checkpoint(origin=LOG, size=SIZE, root=root), pair)
    attack.run(
        "UPDATE ledger_checkpoint SET root = :root, note = :note WHERE size = :size",
        root=root,
        note=note,
        size=SIZE,
    )
    attack.named(SIZE - 1, "Checkpoint of size 25" if pair is ATTACKER else "has another root")


# T16: another log's data.


def other_log(attack: Attacked) -> None:
    """Put a log of the same form, and of other people's making, in place of ours."""
    attack.run("UPDATE ledger_log SET origin = 'unbroken/other'")


def test_t16_our_entries_under_another_name_are_named(attack: Attacked) -> None:
    other_log(attack)
    attack.named(0, "Entry 0 was signed for another log, unbroken/test.")


def test_t16_a_bundle_of_another_log_is_refused_by_who_pinned_ours(attack: Attacked) -> None:
    attack.resign(ATTACKER)
    data = bundle(attack.session, "A-1")
    alone = verify(data)
    assert alone.ok  # by itself it is a log like any other
    pinned = verify(data, policy())
    assert "other_log_key" in {code for _, code, _, _ in pinned.agreed}
    assert not pinned.ok


def test_t16_the_notary_does_not_sign_another_log(attack: Attacked) -> None:
    other_log(attack)
    with pytest.raises(LedgerCorrupt, match="holds the log unbroken/other, but what was signed"):
        grown(attack.session, signed_head(attack.witnessed))


# T17: tricks of form.

TRICKS = {
    "a blank": (b'{"answers"', b'{ "answers"'),
    "a key twice": (b'{"answers":null', b'{"answers":null,"answers":null'),
    "a float": (b'"v":2', b'"v":2.0'),
    "a lone surrogate": (b'"as it was"', b'"\\ud800"'),
    "an escape that is not needed": (b'"as it was"', b'"\\u0061s it was"'),
    "a field left out": (b'"reason":null,', b""),
    "a field more": (b'"v":2', b'"v":2,"w":1'),
    "an integer beyond 2**53": (b'"v":2', b'"v":9007199254740993'),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_t17_signed_bytes_of_another_form_are_refused_and_named(
    attack: Attacked, trick: str
) -> None:
    signed = envelope_of(condition())
    bare = replace(signed, payload=signed.payload.replace(*TRICKS[trick]))
    assert bare.payload != signed.payload
    one = replace(signed.signatures[0], signature=desk("clinic").pair.sign(bare.pae))
    tricked = replace(bare, signatures=(one,))
    with pytest.raises(SignatureRefused):
        append(attack.session, tricked, NOW)
    attack.say(condition())
    row = attack.rows()[SIZE]
    entry = replace(parse_entry(row.entry_bytes), envelope=tricked)
    attack.put_row(rebuilt(entry.to_bytes(), row))
    attack.named(SIZE, "Entry 25 cannot be read")


def test_t17_an_entry_of_another_form_is_named_although_its_hash_fits(attack: Attacked) -> None:
    row = attack.rows()[7]
    attack.put_row(rebuilt(row.entry_bytes + b" ", row))
    attack.named(7, "canonical")


# T18: an old backup restored.


def test_t18_an_old_backup_is_named_by_the_second_place_and_by_a_phone(
    log: Engine, pg_server: PgServer
) -> None:
    database = str(log.url.database)
    backup = f"{database}_backup"
    log.dispose()
    pg_server.create("live_" + backup, template=database)
    pg_server.create(backup, template=database)
    live, old = (open_engine(pg_server.url_of(name)) for name in ("live_" + backup, backup))
    try:
        (later,) = record(live, condition())
        with transaction(live) as session:
            note = sign(session)
        signed = open_checkpoint(note, [log_key()])
        second_place = Witness(source="The log's second place", size=signed.size, root=signed.root)
        with attacked(old) as attack:
            assert old.url.database == backup
            attack.passes(attack.witnessed)  # all of it is as it was then
            attack.named(SIZE, "saw 26 entries, and the log has 25", Trust(heads=(second_place,)))
            with pytest.raises(LedgerCorrupt, match="an old backup was restored"):
                grown(attack.session, signed)
            seen = {"sequence": later.order_sequence, "hash": later.entry_hash.hex()}
            with pytest.raises(CustodyConflict, match="that this ledger does not have"):
                append(attack.session, envelope_of(condition(2, seen=seen)), NOW)
    finally:
        for engine in (live, old):
            engine.dispose()
        for name in ("live_" + backup, backup):
            pg_server.drop(name)


# T19: witnesses that are away, or lie together.


def test_t19_how_far_the_log_is_witnessed_is_said_when_all_witnesses_are_away(
    attack: Attacked,
) -> None:
    append(attack.session, envelope_of(condition()), NOW)
    sign(attack.session, witnesses=0)
    standing = witnessed(attack.session, policy())
    assert (standing.size, standing.k, standing.n) == (SIZE, 2, 3)
    assert standing.at == NOW.replace(microsecond=0)
    attack.run("DELETE FROM ledger_cosignature")
    standing = witnessed(attack.session, policy())
    assert (standing.size, standing.at) == (0, None)
    result = verify(bundle(attack.session, "A-1", policy=policy()), policy())
    assert "quorum_not_met" in {code for _, code, _, _ in result.agreed}
    assert result.witnessed is not None
    assert result.witnessed.quorum_met is False


def test_t19_fewer_liars_than_the_quorum_vouch_for_nothing(attack: Attacked) -> None:
    attack.replace_log(without(attack, PACK))
    attack.resign(LOG_PAIR, witnesses=1)
    assert witnessed(attack.session, policy()).size == 0
    assert faults(attack) == {"quorum_not_met"}


def test_t19_a_quorum_of_liars_is_named_by_the_one_who_is_not(attack: Attacked) -> None:
    attack.replace_log(without(attack, PACK))
    attack.resign(LOG_PAIR, witnesses=2)
    assert faults(attack) == set()  # two of three is what the policy asks for
    attack.named(SIZE - 1, "Witness w0 saw 25 entries", attack.witnessed)
