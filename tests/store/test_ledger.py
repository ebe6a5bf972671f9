"""Recording statements on both databases: places, effects, idempotency, refusals."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from custody import reading as ledger
from custody.audit import audit
from custody.canonical import signed_bytes
from custody.entry import NO_ENTRY, parse_entry, whole_milliseconds
from custody.merkle import check_inclusion, inclusion_proof, leaf_hash
from schemas.errors import CustodyConflict, Duplicate, NotFound, StoreUnavailable
from schemas.statement import Statement
from store.database import transaction
from store.ledger import list_entries_of_order, read_head
from store.ledger_stream import list_leaf_hashes
from tests.strategies_custody import statement_of
from tests.support.custody_case import NOW, items_of, record, seed, story

pytestmark = pytest.mark.store


def as_service(engine: Engine, *statements: str) -> None:
    with transaction(engine) as session:
        for statement in ("SET LOCAL ROLE unbroken_service", *statements):
            session.connection().execute(text(statement))


def shipment_row(engine: Engine, code: str = "U-A-1") -> dict[str, Any]:
    with transaction(engine) as session:
        found = session.connection().execute(
            text("SELECT * FROM shipment WHERE code = :code"), {"code": code}
        )
        return dict(found.mappings().one())


def test_entries_are_numbered_without_gaps_and_chained(engine: Engine) -> None:
    seed(engine)
    recorded = record(engine, *story())
    assert [each.index for each in recorded] == list(range(1, 13))
    assert [each.order_sequence for each in recorded] == list(range(1, 13))
    assert [each.previous for each in recorded] == [
        NO_ENTRY,
        *(each.entry_hash for each in recorded[:-1]),
    ]


def test_bytes_are_kept_verbatim_and_prove_their_place(engine: Engine) -> None:
    seed(engine)
    record(engine, *story())
    with transaction(engine) as session:
        rows = list_entries_of_order(session, "A-1")
        head = ledger.head(session)
        leaves = list_leaf_hashes(session, head.size)
    assert [row.statement_bytes for row in rows] == [signed_bytes(each) for each in story()]
    for row in rows:
        assert parse_entry(row.entry_bytes).envelope.payload == row.statement_bytes
        check_inclusion(
            leaf=leaf_hash(row.entry_bytes),
            index=row.index,
            size=head.size,
            proof=inclusion_proof(leaves, row.index),
            root=head.root,
        )


def test_the_audit_finds_nothing_in_what_was_recorded(engine: Engine) -> None:
    seed(engine, ["A-1", "A-2"])
    for one, other in zip(story("A-1"), story("A-2"), strict=True):
        record(engine, one, other)
    with transaction(engine) as session:
        report = audit(session)
        head = ledger.head(session)
    assert report.ok, report.sentence
    assert (report.entries, report.orders, report.root) == (25, 2, head.root.hex())
    assert '"ok": true' in report.to_json()


def test_the_audit_of_an_empty_ledger_finds_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok
    assert report.entries == 0


def test_the_shipment_follows_the_statements(engine: Engine) -> None:
    seed(engine)
    seen = []
    for statement in story():
        record(engine, statement)
        row = shipment_row(engine)
        seen.append((row["state"], row["holder_party_id"], row["owner_party_id"]))
    assert seen == [
        ("planned", "maker", "maker"),
        ("planned", "maker", "maker"),
        ("released", "maker", "maker"),
        ("released", "maker", "maker"),
        ("released", "courier", "maker"),
        ("in_transit", "courier", "maker"),
        ("in_transit", "courier", "maker"),
        ("in_transit", "courier", "maker"),
        ("delivered", "clinic", "maker"),
        ("delivered", "clinic", "clinic"),
        ("delivered", "clinic", "clinic"),
        ("delivered", "clinic", "clinic"),
    ]
    row = shipment_row(engine)
    assert row["departed_at"] == row["delivered_at"] == NOW.replace(hour=10, microsecond=0)


def test_an_entry_tells_the_outbox(engine: Engine) -> None:
    seed(engine)
    (recorded,) = record(engine, story()[0])
    with transaction(engine) as session:
        row = (
            session.connection()
            .execute(text("SELECT kind, subject, payload FROM outbox ORDER BY id DESC LIMIT 1"))
            .one()
        )
    assert (row.kind, row.subject) == ("entry", "A-1")
    assert row.payload == {
        "index": 1,
        "order": "A-1",
        "order_sequence": 1,
        "shipment": None,
        "kind": "commission",
        "entry_hash": recorded.entry_hash.hex(),
    }


def test_the_same_statement_again_returns_the_same_place(engine: Engine) -> None:
    seed(engine)
    first = record(engine, *story())
    again = record(engine, *story())
    assert all(each.new for each in first)
    assert not any(each.new for each in again)
    assert [(e.index, e.entry_hash, e.recorded_at) for e in again] == [
        (e.index, e.entry_hash, e.recorded_at) for e in first
    ]
    with transaction(engine) as session:
        assert ledger.head(session).size == 1 + 12


def test_the_same_id_with_other_contents_is_refused(engine: Engine) -> None:
    seed(engine, ["A-1", "A-2"])
    first, second = story()[:2]
    record(engine, first, second)
    for other in (
        second.model_copy(update={"remarks": "something else"}),
        story("A-2")[0].model_copy(update={"id": first.id}),
    ):
        with pytest.raises(Duplicate):
            record(engine, other)


def test_a_refused_statement_leaves_no_trace(engine: Engine) -> None:
    seed(engine)
    record(engine, *story()[:3])
    thief = statement_of("offer", **{"from": "courier", "to": "hub"})
    with pytest.raises(CustodyConflict, match="A-1 is held by maker; courier cannot offer it"):
        record(engine, thief)
    with transaction(engine) as session:
        assert ledger.head(session).size == 1 + 3
        assert audit(session).ok
    assert shipment_row(engine)["holder_party_id"] == "maker"


@pytest.mark.parametrize(
    ("statement", "noun"),
    [
        (statement_of("commission", order="A-9", **{"from": "maker"}, items=["x"]), "order"),
        (
            statement_of("commission", **{"from": "maker", "to": "nobody"}, items=items_of("A-1")),
            "party",
        ),
        (statement_of("commission", **{"from": "maker"}, items=["x"]), "item"),
        (statement_of("commission", **{"from": "maker"}, items=items_of("A-2")), "item"),
        (
            statement_of(
                "commission", **{"from": "maker"}, items=items_of("A-1"), shipment="U-A-2"
            ),
            "shipment",
        ),
    ],
)
def test_what_is_not_known_is_named(engine: Engine, statement: Statement, noun: str) -> None:
    seed(engine, ["A-1", "A-2"])
    with pytest.raises(NotFound) as caught:
        record(engine, statement)
    assert caught.value.noun == noun


def test_a_clock_put_back_is_held_at_the_last_entry(engine: Engine) -> None:
    seed(engine)
    commission, pack, release = story()[:3]
    record(engine, commission)
    (early,) = record(engine, pack, now=NOW - timedelta(hours=3))
    (late,) = record(engine, release, now=NOW + timedelta(seconds=1))
    assert early.recorded_at == whole_milliseconds(NOW)
    assert late.recorded_at == whole_milliseconds(NOW) + timedelta(seconds=1)
    with transaction(engine) as session:
        assert audit(session).ok


def test_entries_of_an_order_and_of_a_shipment_come_back(engine: Engine) -> None:
    seed(engine)
    record(engine, *story())
    with transaction(engine) as session:
        of_order = ledger.entries_of_order(session, "A-1")
        of_shipment = ledger.entries_of_shipment(session, "U-A-1")
        state = ledger.custody_of(session, "A-1")
    assert [each.statement for each in of_order] == story()
    assert [each.statement for each in of_shipment] == [s for s in story() if s.shipment]
    assert (state.holder, state.owner, state.active) == ("clinic", "clinic", frozenset())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET signer = 'another'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_head SET size = 7",
        "DELETE FROM ledger_head",
        "TRUNCATE ledger_head",
        "UPDATE ledger_log SET origin = 'another'",
        "DELETE FROM ledger_log",
    ],
)
def test_the_database_refuses_anything_but_growth(engine: Engine, change: str) -> None:
    seed(engine)
    record(engine, story()[0])
    with (
        pytest.raises(StoreUnavailable, match="The ledger only grows") as caught,
        transaction(engine) as session,
    ):
        session.connection().execute(text(change))
    assert not caught.value.transient


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET signer = 'another'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "DELETE FROM ledger_head",
        "UPDATE ledger_log SET origin = 'another'",
    ],
)
def test_the_service_role_has_no_right_but_to_append(engine: Engine, change: str) -> None:
    with pytest.raises(StoreUnavailable, match="permission denied"):
        as_service(engine, change)


def test_the_service_role_may_read_and_append(engine: Engine) -> None:
    seed(engine)
    as_service(engine, "SELECT FROM ledger_log", "UPDATE ledger_head SET size = size + 1")
    with transaction(engine) as session:
        assert read_head(session).size == 1 + 1
