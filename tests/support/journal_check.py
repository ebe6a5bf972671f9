"""Every reading the journal holds is in the table or in quarantine, once, and nothing else is.

Reads packs and rows by hand: shares no code with what it checks.
"""

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from simulator.journal import read_journal
from store.database import Engine, transaction
from tests.support.processes import wait_until


class Key(NamedTuple):
    """What makes a reading that reading."""

    serial: str
    seq: int
    measured_us: int


def journal_keys(journal: Path) -> set[Key]:
    """Return every reading that the broker acknowledged; those of a line are evenly spaced."""
    keys: set[Key] = set()
    for line in read_journal(journal):
        steps = line.to_seq - line.from_seq
        step_us = (line.to_us - line.from_us) // steps if steps else 0
        keys |= {
            Key(line.serial, line.from_seq + place, line.from_us + place * step_us)
            for place in range(steps + 1)
        }
    return keys


def stored_keys(engine: Engine) -> Counter[Key]:
    """Return every row of the table of readings."""
    with transaction(engine) as session:
        rows = session.connection().execute(
            text(
                "SELECT serial, coalesce(seq, -1), "
                "(extract(epoch FROM measured_at) * 1000000)::bigint "
                "FROM reading JOIN logger ON logger.id = logger_id"
            )
        )
        return Counter(Key(*row) for row in rows)


def quarantined_keys(engine: Engine) -> Counter[Key]:
    """Return every reading in messages set aside that are whole packs with sequence numbers."""
    with transaction(engine) as session:
        payloads = session.connection().execute(text("SELECT payload FROM quarantine")).scalars()
        return Counter(key for payload in payloads for key in _keys_of_pack(bytes(payload)))


def _keys_of_pack(payload: bytes) -> list[Key]:
    try:
        records = json.loads(payload)
        serial = records[0]["bn"].rstrip("/")
        base_s = records[0].get("bt", 0)
        return [
            Key(serial, record["v"], round((base_s + record.get("t", 0)) * 1e6))
            for record in records
            if record["n"] == "seq"
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def stored_count(engine: Engine) -> int:
    """Return how many readings are stored."""
    with transaction(engine) as session:
        return int(session.connection().execute(text("SELECT count(*) FROM reading")).scalar_one())


def check_stored_once(engine: Engine, expected: set[Key], *, wait_s: float = 30.0) -> None:
    """Wait until as many readings are stored or set aside as expected; then compare one by one.

    Raises:
        AssertionError: A reading is lost, is there twice, or was never sent.
    """
    wait_until(
        lambda: stored_count(engine) + quarantined_keys(engine).total() >= len(expected),
        wait_s=wait_s,
    )
    found = stored_keys(engine) + quarantined_keys(engine)
    lost = expected - found.keys()
    unknown = found.keys() - expected
    twice = {key for key, times in found.items() if times > 1}
    assert not lost, f"{len(lost)} of {len(expected)} readings are lost, first {min(lost)}"
    assert not unknown, f"{len(unknown)} readings came from nowhere, first {min(unknown)}"
    assert not twice, f"{len(twice)} readings are there twice, first {min(twice)}"
