"""Attacks by a superuser with the triggers off (reliability.md 7.1): each is named at its index."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from custody import ledger
from custody.audit import audit
from custody.canonical import parse_statement, statement_bytes
from custody.entry import Entry, parse_entry
from custody.findings import AuditReport
from custody.merkle import grow
from custody.projection import row_of
from store.database import transaction
from store.ledger import EntryRow, HeadRow, insert_entry, update_head
from store.ledger_stream import list_leaf_hashes, stream_by_index
from tests.strategies_custody import statement_of
from tests.support.custody_case import NOW, record, seed, story

pytestmark = pytest.mark.pg

SIZE = 24
"""Two orders of twelve entries, in turns: order A-1 has the even indexes."""


@pytest.fixture
def log(engine: Engine) -> Engine:
    seed(engine, ["A-1", "A-2"])
    for one, other in zip(story("A-1"), story("A-2"), strict=True):
        record(engine, one, other)
    return engine


def attack(log: Engine, *statements: str, **values: object) -> AuditReport:
    """Do what a superuser can do with the triggers off; return what the audit says then."""

    def run(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement), values)

    return attack_by(log, run)


def attack_by(log: Engine, work: Callable[[Connection], object]) -> AuditReport:
    with transaction(log) as session:
        session.connection().execute(text("SET LOCAL session_replication_role = replica"))
        work(session.connection())
    with transaction(log) as session:
        return audit(session)


def rows(log: Engine) -> list[EntryRow]:
    with transaction(log) as session:
        return list(stream_by_index(session, SIZE))


def put_row(row: EntryRow) -> Callable[[Connection], object]:
    names = [field.name for field in fields(EntryRow) if field.name != "index"]
    assignments = ", ".join(f"{name} = :{name}" for name in names)
    values = {field.name: getattr(row, field.name) for field in fields(EntryRow)}
    query = text(f"UPDATE ledger_entry SET {assignments} WHERE index = :index")
    return lambda connection: connection.execute(query, values)


def fitting(entry: Entry, *, root: bytes) -> EntryRow:
    """Return an entry's row with the hash and all columns that its bytes call for."""
    statement = parse_statement(entry.statement)
    return row_of(entry, statement, data=entry.to_bytes(), root=root)


def forged(row: EntryRow, **changes: Any) -> EntryRow:
    """Return the row of another statement in the same place: hash and columns all fit it."""
    entry = parse_entry(row.entry_bytes)
    statement = parse_statement(entry.statement).model_copy(update=changes)
    return fitting(replace(entry, statement=statement_bytes(statement)), root=row.root)


def test_t1_a_field_edited_in_the_bytes_is_named(log: Engine) -> None:
    edited = rows(log)[7].statement_bytes.replace(b'"someone"', b'"another"')
    report = attack(
        log, "UPDATE ledger_entry SET statement_bytes = :edited WHERE index = 7", edited=edited
    )
    assert report.first is not None
    assert (report.first.index, report.first.order) == (7, "A-2")
    assert "statement_bytes" in report.first.sentence


def test_t1_an_entry_forged_with_a_fitting_hash_is_named(log: Engine) -> None:
    report = attack_by(log, put_row(forged(rows(log)[7], signer="another")))
    assert report.first is not None
    assert report.first.index == 7
    assert "From entry 7 on, the root" in report.first.sentence


@pytest.mark.parametrize(
    "column", ["entry_bytes", "statement_bytes", "leaf_hash", "previous", "root"]
)
@pytest.mark.parametrize("index", [0, 11, SIZE - 1])
def test_t15_one_rotten_bit_is_named(log: Engine, column: str, index: int) -> None:
    report = attack(
        log,
        f"UPDATE ledger_entry SET {column} = set_bit({column}, 9, 1 - get_bit({column}, 9)) "
        "WHERE index = :index",
        index=index,
    )
    assert report.first is not None
    assert report.first.index == index


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
    ],
)
def test_t2_a_readable_column_that_differs_from_the_bytes_is_named(
    log: Engine, column: str, value: str
) -> None:
    report = attack(log, f"UPDATE ledger_entry SET {column} = {value} WHERE index = 9")
    assert report.first is not None
    assert report.first.index == 9
    assert any(f"column {column} says" in finding.sentence for finding in report.findings)


@pytest.mark.parametrize(
    ("column", "value", "index"),
    [
        ("holder_party_id", "'courier'", 16),
        ("owner_party_id", "'hub'", 18),
        ("owner_party_id", "NULL", 18),
        ("state", "'in_transit'", 16),
        ("state", "'cancelled'", 16),
        ("departed_at", "departed_at + interval '1 ms'", 10),
        ("delivered_at", "NULL", 16),
    ],
)
def test_a_shipment_that_differs_from_the_ledger_is_named_with_the_entry_that_decides(
    log: Engine, column: str, value: str, index: int
) -> None:
    report = attack(log, f"UPDATE shipment SET {column} = {value} WHERE code = 'U-A-1'")
    assert report.finding_count == 1
    assert report.first is not None
    assert (report.first.index, report.first.order) == (index, "A-1")
    assert f"Shipment U-A-1: column {column} says" in report.first.sentence


def test_a_shipment_that_says_what_nobody_recorded_is_named(engine: Engine) -> None:
    seed(engine)
    report = attack(engine, "UPDATE shipment SET holder_party_id = 'courier'")
    assert report.finding_count == 1
    assert report.first is not None
    assert "the ledger says None (no entry decides it)" in report.first.sentence


def test_a_claim_from_the_future_recorded_by_a_clock_put_back_is_no_finding(
    engine: Engine,
) -> None:
    seed(engine)
    ahead = [each.model_copy(update={"claimed_at": "2027-01-01T00:00:00.000Z"}) for each in story()]
    for number, statement in enumerate(ahead):
        record(engine, statement, now=NOW - timedelta(seconds=number % 3))
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok, report.sentence


def test_a_shipment_planned_after_the_last_entry_is_no_finding(log: Engine) -> None:
    with transaction(log) as session:
        session.connection().execute(
            text(
                "INSERT INTO shipment (code, order_code, profile_sha256, shipper_grai, "
                "origin_gln, destination_gln, state, planned_pickup_at, planned_delivery_at) "
                "SELECT 'U-NEW', order_code, profile_sha256, shipper_grai, origin_gln, "
                "destination_gln, 'planned', planned_pickup_at, planned_delivery_at "
                "FROM shipment WHERE code = 'U-A-1'"
            )
        )
    with transaction(log) as session:
        assert audit(session).ok


def test_t3_an_entry_deleted_in_the_middle_is_named(log: Engine) -> None:
    report = attack(log, "DELETE FROM ledger_entry WHERE index = 7")
    assert report.first is not None
    assert report.first.index == 7
    assert report.first.sentence == "Entry 7 is missing from the log."


def test_t3_an_entry_deleted_and_the_rest_moved_up_is_named(log: Engine) -> None:
    report = attack(
        log,
        "DELETE FROM ledger_entry WHERE index = 7",
        "UPDATE ledger_entry SET index = index + 1000 WHERE index > 7",
        "UPDATE ledger_entry SET index = index - 1001 WHERE index > 7",
    )
    assert report.first is not None
    assert report.first.index == 7
    assert any("column index says 7, its bytes say 8" in f.sentence for f in report.findings)


def test_t4_two_swapped_entries_are_named(log: Engine) -> None:
    report = attack(
        log,
        "UPDATE ledger_entry SET index = 1000 WHERE index = 5",
        "UPDATE ledger_entry SET index = 5 WHERE index = 8",
        "UPDATE ledger_entry SET index = 8 WHERE index = 1000",
    )
    assert report.first is not None
    assert report.first.index == 5
    assert any("column index says 8, its bytes say 5" in f.sentence for f in report.findings)


def test_t4_two_entries_swapped_with_fitting_hashes_are_named(log: Engine) -> None:
    all_rows = rows(log)
    one, other = all_rows[4], all_rows[6]

    def swap(connection: Connection) -> None:
        for row in (one, other):
            connection.execute(
                text("UPDATE ledger_entry SET statement_id = gen_random_uuid() WHERE index = :i"),
                {"i": row.index},
            )
        for place, said in ((one, other), (other, one)):
            entry = replace(parse_entry(place.entry_bytes), statement=said.statement_bytes)
            put_row(fitting(entry, root=place.root))(connection)

    report = attack_by(log, swap)
    assert report.first is not None
    assert report.first.index == 4


def inserted(log: Engine, *, index: int) -> EntryRow:
    """Return a forged thirteenth entry of A-1, fitting in itself and to the order's chain."""
    last = rows(log)[SIZE - 2]
    statement = statement_of("condition", remarks="never happened")
    entry = Entry(
        index=index,
        order="A-1",
        order_sequence=13,
        previous=last.leaf_hash,
        recorded_at=last.recorded_at,
        statement=statement_bytes(statement),
    )
    with transaction(log) as session:
        leaves = list_leaf_hashes(session, SIZE)
    return fitting(entry, root=grow([*leaves, entry.leaf_hash]).root())


def test_t5_an_entry_inserted_behind_the_head_is_named(log: Engine) -> None:
    row = inserted(log, index=SIZE)
    with transaction(log) as session:
        insert_entry(session, row)
    with transaction(log) as session:
        report = audit(session)
    assert report.first is not None
    assert report.first.index == SIZE
    assert "beyond the log's end" in report.first.sentence


def test_t5_an_entry_inserted_in_the_middle_is_named(log: Engine) -> None:
    with transaction(log) as session:
        session.connection().execute(text("SET LOCAL session_replication_role = replica"))
        for step in ("index + 1000 WHERE index >= 7", "index - 999 WHERE index >= 1000"):
            session.connection().execute(text(f"UPDATE ledger_entry SET index = {step}"))
        insert_entry(session, inserted_row := replace(_row_at(session, 6), **_fresh()))
        assert inserted_row.index == 7
    with transaction(log) as session:
        report = audit(session)
    assert report.first is not None
    assert report.first.index == 7


def _row_at(session: Any, index: int) -> EntryRow:
    return next(row for row in stream_by_index(session, SIZE) if row.index == index)


def _fresh() -> dict[str, Any]:
    statement = statement_of("condition")
    return {"index": 7, "order_sequence": 50, "statement_id": statement.id}


@pytest.mark.parametrize("cut", [1, 3, SIZE])
def test_t6_a_tail_cut_off_is_named(log: Engine, cut: int) -> None:
    report = attack(log, "DELETE FROM ledger_entry WHERE index >= :kept", kept=SIZE - cut)
    assert report.first is not None
    assert report.first.index == SIZE - cut
    assert "missing from the log" in report.first.sentence


def test_t10_an_entry_dated_back_is_named(log: Engine) -> None:
    row = rows(log)[7]
    entry = parse_entry(row.entry_bytes)
    early = replace(entry, recorded_at=entry.recorded_at.replace(year=2025))
    report = attack_by(log, put_row(fitting(early, root=row.root)))
    assert report.first is not None
    assert report.first.index == 7
    assert any("recorded earlier than the entry before it" in f.sentence for f in report.findings)


def test_t17_bytes_in_another_form_are_named_although_their_hash_fits(log: Engine) -> None:
    report = attack(
        log,
        "UPDATE ledger_entry SET entry_bytes = entry_bytes || '\\x20'::bytea WHERE index = 7",
        "UPDATE ledger_entry SET leaf_hash = sha256('\\x00'::bytea || entry_bytes) WHERE index = 7",
    )
    assert report.first is not None
    assert report.first.index == 7
    assert "canonical" in report.first.sentence


def test_an_entry_against_the_rules_is_named_although_everything_fits(log: Engine) -> None:
    last = rows(log)[SIZE - 2]
    statement = statement_of("offer", **{"from": "courier", "to": "hub"})
    entry = Entry(
        index=SIZE,
        order="A-1",
        order_sequence=13,
        previous=last.leaf_hash,
        recorded_at=last.recorded_at,
        statement=statement_bytes(statement),
    )
    with transaction(log) as session:
        frontier = grow([*list_leaf_hashes(session, SIZE), entry.leaf_hash])
        insert_entry(session, fitting(entry, root=frontier.root()))
        update_head(
            session,
            HeadRow(
                size=frontier.size,
                frontier=frontier.to_bytes(),
                root=frontier.root(),
                recorded_at=entry.recorded_at,
            ),
        )
    with transaction(log) as session:
        report = audit(session)
    assert report.finding_count == 1
    assert report.first is not None
    assert report.first.index == SIZE
    assert "held by clinic; courier cannot offer it" in report.first.sentence


@pytest.mark.parametrize(
    "change",
    [
        "size = size - 1",
        "size = size + 1",
        "root = sha256(root)",
        "frontier = sha256(root)",
        "recorded_at = NULL",
    ],
)
def test_a_head_that_does_not_fit_is_named(log: Engine, change: str) -> None:
    report = attack(log, f"UPDATE ledger_head SET {change}")
    assert report.first is not None
    assert report.first.index >= SIZE - 1


def test_a_lost_head_is_named(log: Engine) -> None:
    report = attack(log, "DELETE FROM ledger_head")
    attack(
        log,
        "INSERT INTO ledger_head VALUES (true, 0, '', sha256(''), NULL)",
    )
    assert not report.ok
    assert report.first is not None
    assert "lost its head" in report.first.sentence


def test_t8_a_log_rewritten_whole_needs_a_root_kept_elsewhere(log: Engine) -> None:
    with transaction(log) as session:
        kept_elsewhere = ledger.head(session)
    report = attack(
        log,
        "DELETE FROM ledger_entry",
        "UPDATE ledger_head SET size = 0, frontier = '', root = sha256(''), recorded_at = NULL",
        "UPDATE shipment SET state = 'planned', holder_party_id = NULL, owner_party_id = NULL, "
        "departed_at = NULL, delivered_at = NULL",
    )
    assert report.ok
    for one, other in zip(story("A-1"), story("A-2"), strict=True):
        record(log, one.model_copy(update={"signer": "another"}), other)
    with transaction(log) as session:
        report = audit(session)
    assert report.ok
    assert report.root != kept_elsewhere.root.hex()


def with_column(row: EntryRow, column: str, value: bytes) -> EntryRow:
    changes: dict[str, Any] = {column: value}
    return replace(row, **changes)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    index=st.integers(0, SIZE - 1),
    column=st.sampled_from(["entry_bytes", "statement_bytes", "leaf_hash", "previous", "root"]),
    at=st.integers(0, 10_000),
    mask=st.integers(1, 255),
)
def test_any_altered_byte_is_named_at_its_index(
    log: Engine, index: int, column: str, at: int, mask: int
) -> None:
    row = rows(log)[index]
    data = bytearray(getattr(row, column))
    data[at % len(data)] ^= mask
    report = attack_by(log, put_row(with_column(row, column, bytes(data))))
    assert attack_by(log, put_row(row)).ok
    assert report.first is not None
    assert report.first.index == index
