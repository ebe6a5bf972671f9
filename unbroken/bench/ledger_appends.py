"""How many statements a second are recorded, beside what the database and the keys allow."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from statistics import median
from time import perf_counter

from sqlalchemy import text

from custody.checkpoint import Checkpoint, sign_checkpoint
from custody.ed25519 import verify as verify_signature
from custody.envelope import Envelope
from custody.export import bundle
from custody.key_file import new_key
from custody.ledger import append
from custody.merkle import leaf_hash
from custody.second_place import log_vkey
from custody.verify import verify
from store.checkpoints import CheckpointRow, insert_checkpoint
from store.database import Engine, transaction
from store.ledger import get_origin, read_head
from unbroken.bench.ledger_log import place_orders
from unbroken.bench.ledger_statements import STEPS, Parties, envelopes, sign

WRITERS = 8
BUNDLE_ENTRIES = 200
_ORDERS = 20
"""Orders that one writer records, all their statements."""
_TRIES = 2_000
_LONG_ORDER = 100


def appends(engine: Engine, parties: Parties) -> dict[str, object]:
    """Return appends a second of one writer and of eight, beside bare commits.

    Every append is a transaction of its own that waits for the disk; so is every bare commit.
    """
    one, one_s = _recorded(engine, parties, first=1_000, writers=1)
    many, many_s = _recorded(engine, parties, first=2_000, writers=WRITERS)
    bare, bare_many = _commits(engine, 1), _commits(engine, WRITERS)
    return {
        "appends_per_s": round(one / one_s),
        "appends_per_s_8_writers": round(many / many_s),
        "bare_commits_per_s": round(bare),
        "bare_commits_per_s_8_writers": round(bare_many),
        "appends_share_of_commits_pct": round(100 * one / one_s / bare, 1),
    }


def primitives(parties: Parties) -> dict[str, object]:
    """Return how many statements a second one core signs, verifies and hashes, nothing else."""
    pair = parties.people["maker"].pair
    _, envelope = next(envelopes(parties, 1, datetime.now(UTC)))
    pae, signature = envelope.pae, envelope.signatures[0].signature
    return {
        "signatures_per_s": round(_rate(lambda: pair.sign(pae))),
        "verifications_per_s": round(_rate(lambda: verify_signature(pair.public, signature, pae))),
        "hashes_per_s": round(_rate(lambda: leaf_hash(pae))),
    }


def bundle_verified(engine: Engine, parties: Parties) -> dict[str, object]:
    """Return how long the check of a bundle of 200 entries takes; 0 faults or it counts nothing."""
    now = datetime.now(UTC)
    place_orders(engine, _LONG_ORDER, 1)
    with transaction(engine) as session:
        for number in range(BUNDLE_ENTRIES):
            kind, who, fields = STEPS[0] if number == 0 else ("inspect", "maker", {"from": "maker"})
            append(session, sign(parties, who, _LONG_ORDER, number, kind, now, fields), now)
        head, origin, pair = read_head(session), get_origin(session), new_key()
        checkpoint = Checkpoint(origin=origin, size=head.size, root=head.root)
        row = CheckpointRow(
            size=head.size,
            root=head.root,
            note=sign_checkpoint(checkpoint, pair),
            vkey=log_vkey(origin, pair).to_text(),
            signed_at=now,
        )
        insert_checkpoint(session, row)
        data = bundle(session, f"A-{_LONG_ORDER}")
    seconds = []
    for _ in range(5):
        began = perf_counter()
        found = verify(data)
        seconds.append(perf_counter() - began)
        assert found.ok, found.to_json()
        assert found.entries == BUNDLE_ENTRIES, f"{found.entries} entries in the bundle"
    return {
        "bundle_entries": BUNDLE_ENTRIES,
        "bundle_kib": round(len(data) / 1024),
        "bundle_verify_s": round(median(seconds), 3),
    }


def _recorded(engine: Engine, parties: Parties, *, first: int, writers: int) -> tuple[int, float]:
    """Return how many statements were recorded in how many seconds; each writer has own orders."""
    now = datetime.now(UTC)
    place_orders(engine, first, writers * _ORDERS)
    told = [
        [
            envelope
            for order in range(first + number * _ORDERS, first + (number + 1) * _ORDERS)
            for _, envelope in envelopes(parties, order, now)
        ]
        for number in range(writers)
    ]
    with transaction(engine) as session:
        before = read_head(session).size
    began = perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(lambda each: _record(engine, each), told))
    seconds = perf_counter() - began
    with transaction(engine) as session:
        grown = read_head(session).size - before
    assert grown == sum(map(len, told)), f"{grown} entries were recorded"
    return grown, seconds


def _record(engine: Engine, envelopes_of_one: list[Envelope]) -> None:
    for envelope in envelopes_of_one:
        with transaction(engine) as session:
            append(session, envelope, datetime.now(UTC))


def _commits(engine: Engine, writers: int) -> float:
    """Return commits a second of one INSERT each, on the driver alone."""
    with transaction(engine) as session:
        session.connection().execute(text("CREATE TABLE IF NOT EXISTS bare (at bigint)"))
    numbers = count()

    def write(_: int) -> None:
        with engine.connect() as held:
            connection = held.connection.driver_connection
            assert connection is not None
            for _ in range(_TRIES // writers):
                connection.execute("INSERT INTO bare VALUES (%s)", (next(numbers),))
                connection.commit()

    began = perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    return (_TRIES // writers) * writers / (perf_counter() - began)


def _rate(work: Callable[[], object]) -> float:
    began = perf_counter()
    for _ in range(_TRIES):
        work()
    return _TRIES / (perf_counter() - began)
