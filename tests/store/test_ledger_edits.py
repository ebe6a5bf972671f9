"""Edits of each table of the ledger, and of what follows from it: named at the index concerned."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from custody.audit import audit
from custody.audit_state import AuditState, parse_audit_state
from custody.ledger import append
from store.database import transaction
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
    sign,
)
from tests.support.bare_log import as_superuser
from tests.support.custody_case import NOW, record, seed, story
from tests.support.postgres import PgServer
from tests.support.signing import FOUNDERS, Person, desk, enrolment, envelope_of, key_statement_of

pytestmark = pytest.mark.pg


@pytest.fixture(scope="module")
def log(pg_server: PgServer, template: str) -> Iterator[Engine]:
    with pg_server.fresh_engine(template=template) as engine:
        build(engine)
        yield engine


@pytest.fixture
def attack(log: Engine) -> Iterator[Attacked]:
    with attacked(log) as attack:
        yield attack


def flipped(column: str) -> str:
    """Return SQL for the bytes of a column with one byte altered."""
    at = f":at % octet_length({column})"
    return f"set_byte({column}, {at}, get_byte({column}, {at}) # :mask)"


altered = {"at": st.integers(0, 10_000), "mask": st.integers(1, 255)}


@settings(max_examples=40)
@given(
    index=st.integers(0, SIZE - 1),
    column=st.sampled_from(
        ["entry_bytes", "statement_bytes", "leaf_hash", "previous", "root", "keys"]
    ),
    **altered,
)
def test_any_altered_byte_of_an_entry_is_named_at_its_index(
    log: Engine, index: int, column: str, at: int, mask: int
) -> None:
    with attacked(log) as attack:
        attack.run(
            f"UPDATE ledger_entry SET {column} = {flipped(column)} WHERE index = :index",
            index=index,
            at=at,
            mask=mask,
        )
        report = attack.audit()
    assert report.first is not None
    assert report.first.index == index


@settings(max_examples=15)
@given(number=st.integers(0, 10**6), **altered)
def test_any_altered_byte_of_a_node_is_named_at_the_entry_that_made_it(
    log: Engine, number: int, at: int, mask: int
) -> None:
    with attacked(log) as attack:
        query = text("SELECT level, position FROM ledger_node ORDER BY level, position")
        places = attack.session.connection().execute(query).all()
        level, position = places[number % len(places)]
        attack.run(
            f"UPDATE ledger_node SET hash = {flipped('hash')} "
            "WHERE level = :level AND position = :position",
            level=level,
            position=position,
            at=at,
            mask=mask,
        )
        attack.named(((position + 1) << level) - 1, "the stored nodes of the tree are not those")


@settings(max_examples=20)
@given(size=st.sampled_from(SIGNED), column=st.sampled_from(["root", "note", "vkey"]), **altered)
def test_any_altered_byte_of_a_checkpoint_is_named_at_its_last_entry(
    log: Engine, size: int, column: str, at: int, mask: int
) -> None:
    value = flipped(column)
    if column == "vkey":  # text: another printable character
        place = ":at % length(vkey) + 1"
        value = (
            f"overlay(vkey PLACING CASE substr(vkey, {place}, 1) WHEN 'x' THEN 'y' ELSE 'x' END "
            f"FROM {place} FOR 1) || repeat('', :mask)"
        )
    with attacked(log) as attack:
        attack.run(
            f"UPDATE ledger_checkpoint SET {column} = {value} WHERE size = :size",
            size=size,
            at=at,
            mask=mask,
        )
        report = attack.audit()
    assert report.first is not None
    assert report.first.index == size - 1


@pytest.mark.parametrize(
    ("change", "index"),
    [
        ("UPDATE ledger_checkpoint SET size = 11 WHERE size = 10", 9),
        ("UPDATE ledger_checkpoint SET size = 99 WHERE size = 25", SIZE - 1),
        ("UPDATE ledger_cosignature SET line = replace(line, ' ', '  ') WHERE size = 10", 9),
        ("UPDATE ledger_cosignature SET line = '' WHERE size = 10", 9),
        ("UPDATE ledger_cosignature SET at = at + interval '1 s' WHERE size = 17", 16),
        ("UPDATE ledger_cosignature SET name = 'w2' WHERE size = 17 AND name = 'w1'", 16),
        ("UPDATE ledger_cosignature SET key_id = '00000000' WHERE size = 17 AND name = 'w1'", 16),
        ("UPDATE ledger_cosignature SET size = 17, name = 'w' WHERE size = 10 AND name = 'w0'", 16),
        ("UPDATE ledger_cosignature SET size = 24 WHERE size = 25", 23),
        ("UPDATE ledger_cosignature SET size = 9999 WHERE size = 25 AND name = 'w0'", 9998),
    ],
)
def test_a_checkpoint_or_cosignature_that_does_not_fit_is_named(
    attack: Attacked, change: str, index: int
) -> None:
    attack.run(change)
    report = attack.audit()
    assert report.first is not None
    assert report.first.index == index


def test_a_cosignature_moved_to_another_checkpoint_is_named_by_who_knows_the_witness(
    attack: Attacked,
) -> None:
    line = attack.session.connection().execute(
        text("SELECT line FROM ledger_cosignature WHERE size = 10 AND name = 'w0'")
    )
    attack.run(
        "UPDATE ledger_cosignature SET line = :line WHERE size = 17 AND name = 'w0'",
        line=line.scalar_one(),
    )
    attack.named(16, "Checkpoint of size 17")


@pytest.mark.parametrize(
    ("change", "index"),
    [
        ("DELETE FROM ledger_node WHERE level = 1 AND position = 3", 7),
        ("DELETE FROM ledger_node", 1),
        ("UPDATE ledger_node SET position = position + 100 WHERE level = 4", 15),
    ],
)
def test_a_node_that_is_gone_moved_or_too_many_is_named(
    attack: Attacked, change: str, index: int
) -> None:
    attack.run(change)
    report = attack.audit()
    assert report.first is not None
    assert report.first.index == index


@pytest.mark.parametrize(
    "change",
    [
        "size = size - 1",
        "size = size + 1",
        "root = sha256(root)",
        "frontier = sha256(root)",
        "recorded_at = NULL",
        "recorded_at = recorded_at + interval '1 ms'",
        "keys = sha256(keys)",
    ],
)
def test_a_head_that_does_not_fit_is_named(attack: Attacked, change: str) -> None:
    attack.run(f"UPDATE ledger_head SET {change}")
    report = attack.audit()
    assert report.first is not None
    assert report.first.index >= SIZE - 1


@pytest.mark.parametrize(
    ("table", "lost"), [("ledger_head", "lost its head"), ("ledger_log", "lost its name")]
)
def test_a_lost_head_or_name_is_named(attack: Attacked, table: str, lost: str) -> None:
    attack.run(f"DELETE FROM {table}")
    attack.named(0, lost)


@pytest.mark.parametrize(
    ("column", "value", "index"),
    [
        ("holder_party_id", "'courier'", 17),
        ("owner_party_id", "'hub'", 19),
        ("owner_party_id", "NULL", 19),
        ("state", "'in_transit'", 17),
        ("state", "'cancelled'", 17),
        ("departed_at", "departed_at + interval '1 ms'", 11),
        ("delivered_at", "NULL", 17),
    ],
)
def test_a_shipment_that_differs_from_the_ledger_is_named_with_the_entry_that_decides(
    attack: Attacked, column: str, value: str, index: int
) -> None:
    attack.run(f"UPDATE shipment SET {column} = {value} WHERE code = 'U-A-1'")
    assert attack.audit().finding_count == 1
    attack.named(index, f"Shipment U-A-1: column {column} says")


@pytest.mark.parametrize(
    ("column", "value", "index", "sentence"),
    [
        ("coi_salt", "NULL", 23, "The identity behind A-1 is gone, and no entry says who erased"),
        ("coi_commitment", "repeat('0', 64)", 1, "commits to another identity than"),
    ],
)
def test_an_identity_that_differs_from_the_ledger_is_named(
    attack: Attacked, column: str, value: str, index: int, sentence: str
) -> None:
    attack.run(f"UPDATE treatment_order SET {column} = {value} WHERE code = 'A-1'")
    attack.named(index, sentence)


def test_an_identity_that_came_back_after_it_was_erased_is_named(attack: Attacked) -> None:
    said = statement_of("erase_identity", signers=[desk(None).signer()], reason="asked for")
    erased = append(attack.session, envelope_of(said), NOW)
    assert attack.audit().ok
    attack.run("UPDATE treatment_order SET coi_salt = '\\x01' WHERE code = 'A-1'")
    attack.named(erased.index, "The identity behind A-1 was erased, and is back.")


def test_a_shipment_that_says_what_nobody_recorded_is_named(engine: Engine) -> None:
    seed(engine)
    as_superuser(engine, "UPDATE shipment SET holder_party_id = 'courier'")
    with transaction(engine) as session:
        report = audit(session)
    assert report.finding_count == 1
    assert report.first is not None
    assert "the ledger says None (no entry decides it)" in report.first.sentence


def test_a_claim_from_the_future_recorded_by_a_clock_put_back_is_no_finding(
    engine: Engine,
) -> None:
    seed(engine)
    told = [statement for statement in story() if statement.kind not in {"offer", "accept"}][:3]
    ahead = [each.model_copy(update={"claimed_at": "2027-01-01T00:00:00.000Z"}) for each in told]
    for number, statement in enumerate(ahead):
        record(engine, statement, now=NOW - timedelta(seconds=number % 3))
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok, report.sentence


def test_a_shipment_planned_after_the_last_entry_is_no_finding(attack: Attacked) -> None:
    attack.run(
        "INSERT INTO shipment (code, order_code, profile_sha256, shipper_grai, "
        "origin_gln, destination_gln, state, planned_pickup_at, planned_delivery_at) "
        "SELECT 'U-NEW', order_code, profile_sha256, shipper_grai, origin_gln, "
        "destination_gln, 'planned', planned_pickup_at, planned_delivery_at "
        "FROM shipment WHERE code = 'U-A-1'"
    )
    attack.passes()


# Against the rules, by those who have keys.


def test_an_entry_against_the_rules_is_named_although_everything_fits(attack: Attacked) -> None:
    attack.say(statement_of("offer", **{"from": "hub", "to": "courier"}))
    attack.named(SIZE, "held by clinic; hub cannot offer it")
    assert attack.audit().finding_count == 1


def test_an_entry_marked_in_conflict_that_is_in_none_is_named(attack: Attacked) -> None:
    said = statement_of("condition", **{"from": "clinic"}, remarks="fine")
    attack.say(said, conflict_with=attack.rows()[5].leaf_hash)
    attack.named(SIZE, "says that it is in conflict; by the rules it is in no conflict")


def seen_first(attack: Attacked) -> dict[str, Any]:
    """Return the head that a phone saw after the order's first entry."""
    first = next(row for row in attack.rows() if row.order_code == "A-1")
    return {"sequence": 1, "hash": first.leaf_hash.hex()}


def test_an_entry_in_conflict_that_is_not_marked_so_is_named(attack: Attacked) -> None:
    attack.say(statement_of("store", **{"from": "maker"}, seen=seen_first(attack)))
    attack.named(SIZE, "says that it contradicts nothing; by the rules it contradicts the record")


def test_an_entry_in_conflict_with_another_entry_than_said_is_named(attack: Attacked) -> None:
    said = statement_of("store", **{"from": "maker"}, seen=seen_first(attack))
    attack.say(said, conflict_with=attack.rows()[5].leaf_hash)
    attack.named(SIZE, "says that it is in conflict")


# Audits that go on where the last one ended.


def grow(attack: Attacked, count: int = 3) -> None:
    """Record more, on one order only, and sign it."""
    for number in range(count):
        said = statement_of(
            "condition",
            id=f"00000000-0000-4000-8000-{number:012d}",
            order="A-2",
            remarks=f"look {number}",
        )
        append(attack.session, envelope_of(said), NOW)
    sign(attack.session)


def test_an_audit_of_what_is_new_reads_only_that_and_ends_where_a_full_one_does(
    attack: Attacked,
) -> None:
    grow(attack)
    full = attack.audit()
    new = attack.audit(since=parse_audit_state(attack.state.to_text()))
    assert (full.ok, new.ok) == (True, True)
    assert (new.since, new.entries, new.orders) == (SIZE, 3, 1)
    assert (new.state, new.root, new.size) == (full.state, full.root, full.size)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET signer = 'another' WHERE index = 26",
        "UPDATE ledger_entry SET root = sha256(root) WHERE index = 25",
        "DELETE FROM ledger_entry WHERE index = 26",
        "UPDATE ledger_node SET hash = sha256(hash) WHERE level = 1 AND position = 12",
        "UPDATE ledger_checkpoint SET root = sha256(root) WHERE size = 28",
        "UPDATE ledger_cosignature SET line = 'x' WHERE size = 28",
        "UPDATE shipment SET holder_party_id = 'hub' WHERE code = 'U-A-2'",
        "UPDATE signing_key SET approver = true",
        "UPDATE ledger_head SET root = sha256(root)",
    ],
)
def test_an_audit_of_what_is_new_names_what_a_full_one_names(attack: Attacked, change: str) -> None:
    grow(attack)
    attack.run(change)
    full, new = attack.audit(), attack.audit(since=attack.state)
    assert full.first is not None
    assert new.first == full.first


def test_an_audit_of_what_is_new_notices_that_the_past_was_rewritten(attack: Attacked) -> None:
    entries = [entry for entry in attack.entries() if entry.index != 3]
    attack.replace_log(entries)
    grow(attack)
    attack.resign(LOG_PAIR)
    attack.passes()
    report = attack.audit(since=attack.state)
    assert report.first is not None
    assert report.first.index >= SIZE


def test_an_audit_of_what_is_new_does_not_believe_keys_that_were_let_in_again(
    attack: Attacked,
) -> None:
    head = read_head(attack.session)
    revoked = key_statement_of(
        "revoke_key",
        revokes=[desk("clinic").pair.key_id],
        signers=[one.signer("approver") for one in FOUNDERS],
        seen={"sequence": 1, "hash": head.keys.hex()},
        reason="stolen",
    )
    index = append(attack.session, envelope_of(revoked), NOW).index
    state = attack.audit().state
    attack.run(f"DELETE FROM ledger_entry WHERE index = {index}")
    attack.run("UPDATE signing_key SET revoked_index = NULL WHERE username = 'clinic.desk'")
    attack.say(statement_of("condition", **{"from": "clinic"}, remarks="by the stolen key"))
    report = attack.audit(since=state)
    assert report.first is not None
    assert "The entries about keys among the first 26" in report.first.sentence
    assert attack.audit().first == replace(report.first, index=index, sentence=gone(index))


def gone(index: int) -> str:
    return f"Entry {index} is missing from the log."


def test_an_audit_of_what_is_new_names_a_backup_that_is_older_than_the_last_audit(
    attack: Attacked,
) -> None:
    grow(attack)
    later = attack.audit().state
    attack.replace_log(attack.entries()[:SIZE])
    attack.run("DELETE FROM ledger_checkpoint WHERE size > 25")
    attack.run("DELETE FROM ledger_cosignature WHERE size > 25")
    attack.passes()
    report = attack.audit(since=later)
    assert report.first is not None
    assert report.first.index == SIZE


@settings(max_examples=8)
@given(data=st.data())
def test_audits_in_any_steps_end_where_one_does(log: Engine, data: st.DataObject) -> None:
    with attacked(log) as attack:
        state = AuditState()
        for number in range(data.draw(st.integers(1, 4))):
            if data.draw(st.booleans()):
                head = read_head(attack.session)
                seen = {"sequence": 1 + _keys(attack), "hash": head.keys.hex()}
                new = enrolment(Person(user=f"new.{number}"), number=number, seen=seen)
                append(attack.session, new, NOW)
            said = statement_of(
                "condition", id=f"00000000-0000-4000-8000-{number:012d}", remarks="ok"
            )
            append(attack.session, envelope_of(said), NOW)
            if data.draw(st.booleans()):
                sign(attack.session)
            if data.draw(st.booleans()):
                report = attack.audit(since=state)
                assert report.ok, report.findings
                state = report.state
        full, stepped = attack.audit(), attack.audit(since=state)
        assert full.ok
        assert (stepped.ok, stepped.state, stepped.root) == (True, full.state, full.root)


def _keys(attack: Attacked) -> int:
    return sum(row.order_code == "" for row in attack.rows()) - 1


def test_a_checkpoint_signed_by_another_key_passes_only_where_no_key_is_pinned(
    attack: Attacked,
) -> None:
    attack.resign(ATTACKER)
    attack.named(SIZE - 1, "Checkpoint of size 25")
