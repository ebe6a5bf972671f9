"""A long log of real signed statements, made in memory and copied into the database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import text

from custody.canonical import Json
from custody.entry import NO_ENTRY, Entry
from custody.envelope import Envelope
from custody.key_file import new_key
from custody.ledger import append
from custody.merkle import Frontier, leaf_hash
from custody.tree import new_nodes
from schemas.profile import load_profiles, profile_document, profile_sha256
from store.copy_rows import Connection
from store.database import Engine, driver, transaction
from store.ledger import ENTRY_COLUMNS, HeadRow, get_origin, read_head, update_head
from store.ledger_nodes import TreeNode
from unbroken.bench.ledger_nouns import NOUNS, ORDERS
from unbroken.bench.ledger_statements import (
    MILLISECOND,
    STATEMENTS,
    STEPS,
    Parties,
    envelopes,
    statement_id,
)
from unbroken.key_statements import Holder, KeysHead, founding

_TOGETHER = 50
"""Orders whose entries alternate in the log, as they do where several are under way."""
_FIRST_ORDER = datetime(2026, 1, 1, tzinfo=UTC)


def found(engine: Engine) -> Parties:
    """Store what orders need beside themselves, and found the keys; return who signs."""
    people = {
        party: Holder(user=f"{party}.desk", name=f"Desk of {party}", party=party, pair=new_key())
        for party in ("maker", "courier", "clinic")
    }
    approvers = [Holder(user=f"qa.{n}", name=f"QA {n}", pair=new_key()) for n in (1, 2)]
    profile = load_profiles()[0].model_copy(update={"id": "bench", "steps": None})
    values = {
        "therapy": profile.id, "sha": profile_sha256(profile), "document": profile_document(profile)
    }  # fmt: skip
    with transaction(engine) as session:
        for statement in filter(None, map(str.strip, NOUNS.split(";"))):
            session.connection().execute(text(statement), values)
        log = get_origin(session)
        envelope = founding(
            KeysHead(log=log, seen=None), approvers, list(people.values()), _FIRST_ORDER
        )
        append(session, envelope, _FIRST_ORDER)
    signers: dict[str, Json] = {
        party: {
            "user": one.user, "name": one.name, "party": party, "role": "signer",
            "key": one.pair.key_id, "meaning": "I did this, and what is said here is true.",
        }
        for party, one in people.items()
    }  # fmt: skip
    return Parties(log=log, people=people, signers=signers)


def place_orders(engine: Engine, first: int, count: int) -> None:
    """Store orders by number, each with an item and a planned shipment, and nothing recorded."""
    with transaction(engine) as session:
        for statement in filter(None, map(str.strip, ORDERS.split(";"))):
            session.connection().execute(
                text(statement), {"first": first, "last": first + count - 1}
            )


@dataclass(slots=True)
class _Log:
    """The log as it grows in memory.

    Attributes:
        frontier: The tree so far.
        keys: Hash of the last entry about keys.
        now: When the next entry is recorded.
        nodes: New nodes that are not stored yet.
        begun: Order number and first claimed time.
    """

    frontier: Frontier
    keys: bytes
    now: datetime
    nodes: list[TreeNode] = field(default_factory=list)
    begun: list[tuple[int, datetime]] = field(default_factory=list)

    def rows(self, parties: Parties, orders: range) -> Iterator[tuple[object, ...]]:
        """Yield rows of `ledger_entry` of these orders, which alternate."""
        start = self.now
        self.begun += [(order, start) for order in orders]
        previous = dict.fromkeys(orders, NO_ENTRY)
        told = [envelopes(parties, order, start) for order in orders]
        for number in range(STATEMENTS):
            for order, each in zip(orders, told, strict=True):
                kind, envelope = next(each)
                leaf, row = self._row(order, number, kind, envelope, previous[order])
                previous[order] = leaf
                claimed_at = start + number * MILLISECOND
                _, who, fields = STEPS[number]
                yield (
                    *row[:7], claimed_at, fields.get("from"), fields.get("to"),
                    fields.get("place"), parties.people[who].user, *row[7:],
                )  # fmt: skip

    def _row(
        self, order: int, number: int, kind: str, envelope: Envelope, previous: bytes
    ) -> tuple[bytes, tuple[object, ...]]:
        entry = Entry(
            index=self.frontier.size,
            order=f"A-{order}",
            order_sequence=number + 1,
            previous=previous,
            keys=self.keys,
            recorded_at=self.now,
            envelope=envelope,
        )
        data = entry.to_bytes()
        leaf = leaf_hash(data)
        self.nodes += new_nodes(self.frontier, leaf)
        self.frontier = self.frontier.append(leaf)
        self.now += MILLISECOND
        return leaf, (
            entry.index, entry.order, entry.order_sequence, f"U-{order}", kind,
            statement_id(order, number), entry.recorded_at, data, envelope.payload, leaf, previous,
            self.frontier.root(), None, self.keys,
        )  # fmt: skip


def grow(engine: Engine, parties: Parties, first: int, orders: int) -> None:
    """Add whole orders to the log by COPY: entries, nodes, head, and the shipments' rows."""
    place_orders(engine, first, orders)
    with transaction(engine) as session:
        head = read_head(session)
        log = _Log(
            frontier=Frontier.from_bytes(head.size, head.frontier),
            keys=head.keys,
            now=(head.recorded_at or _FIRST_ORDER) + MILLISECOND,
        )
        connection = driver(session)
        connection.execute("SET LOCAL session_replication_role = replica")
        for start in range(first, first + orders, _TOGETHER):
            several = range(start, min(start + _TOGETHER, first + orders))
            _copy(connection, f"ledger_entry ({ENTRY_COLUMNS})", log.rows(parties, several))
            _copy(connection, "ledger_node (level, position, hash)", log.nodes)
            log.nodes.clear()
        update_head(
            session,
            HeadRow(
                size=log.frontier.size,
                frontier=log.frontier.to_bytes(),
                root=log.frontier.root(),
                recorded_at=log.now - MILLISECOND,
                keys=log.keys,
            ),
        )
        _deliver(connection, log.begun)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("VACUUM ANALYZE"))


def _copy(connection: Connection, table: str, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _deliver(connection: Connection, begun: Sequence[tuple[int, datetime]]) -> None:
    """Write into the shipments' rows what the statements lead to."""
    kinds = [kind for kind, _, _ in STEPS]
    connection.execute("CREATE TEMPORARY TABLE begun (k int, at timestamptz) ON COMMIT DROP")
    _copy(connection, "begun", begun)
    connection.execute(
        "UPDATE shipment SET state = 'delivered', holder_party_id = 'clinic', "
        "owner_party_id = 'maker', departed_at = at + make_interval(secs => %s), "
        "delivered_at = at + make_interval(secs => %s) FROM begun WHERE code = 'U-' || k",
        (kinds.index("depart") / 1000, (STATEMENTS - 1 - kinds[::-1].index("accept")) / 1000),
    )
