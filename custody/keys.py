"""The keys that count now: the ledger's entries about keys replayed, and their register."""

from collections.abc import Iterable

from custody.entry import KEYS_CHAIN
from custody.envelope import parse_payload
from custody.key_log import KeyLog, apply_keys
from custody.reading import entry_of_row
from schemas.errors import LedgerCorrupt
from schemas.key_statement import KeyStatement
from store import ledger as store
from store.database import Session
from store.ledger import EntryRow
from store.signing_keys import put_key
from store.tables.signing_keys import SigningKey

_KEPT = 16
_replayed: dict[bytes, KeyLog] = {}
"""Keys by the hash of the last entry about them, which says all: nothing here can get old."""


def current_keys(session: Session) -> KeyLog:
    """Return the keys as of the last entry about keys."""
    head = store.read_head(session).keys
    if (known := _replayed.get(head)) is not None:
        return known
    log = replay_keys(store.list_entries_of_order(session, KEYS_CHAIN))
    while len(_replayed) >= _KEPT:
        _replayed.pop(next(iter(_replayed)), None)
    _replayed[log.head] = log
    return log


def replay_keys(rows: Iterable[EntryRow]) -> KeyLog:
    """Return the keys after entries about keys, oldest first. Signatures are the audit's matter.

    Raises:
        LedgerCorrupt: An entry is not about keys.
        CustodyConflict: One of them contradicts those before it.
    """
    log = KeyLog()
    for row in rows:
        statement = parse_payload(entry_of_row(row).envelope)
        if not isinstance(statement, KeyStatement):
            message = f"Entry {row.index} stands among the keys and is not about keys."
            raise LedgerCorrupt(message)
        log = apply_keys(log, statement, row.index).with_head(row.leaf_hash)
    return log


def project_keys(session: Session, before: KeyLog, after: KeyLog) -> None:
    """Write the keys that changed into the register."""
    for row in key_rows(after):
        if before.keys.get(row.key) != after.keys[row.key]:
            put_key(session, row)


def key_rows(log: KeyLog) -> list[SigningKey]:
    """Return the register's rows as the ledger says they are."""
    return [
        SigningKey(
            key=one.key,
            public=one.public,
            username=one.user,
            name=one.name,
            party_id=one.party,
            approver=one.approver,
            enrolled_index=one.enrolled_index,
            revoked_index=one.revoked_index,
            suspect_since=one.suspect_since,
        )
        for one in log.keys.values()
    ]
