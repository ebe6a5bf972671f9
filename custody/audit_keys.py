"""The entries about keys: who let whom in and out, with whose signatures, and the register."""

from collections.abc import Iterable, Sequence

from custody.audit_log import shown
from custody.audit_state import AuditState
from custody.entry import NO_ENTRY
from custody.envelope import parse_payload
from custody.findings import Findings
from custody.key_log import KeyLog, apply_keys, public_keys
from custody.keys import key_rows
from custody.merkle import leaf_hash
from custody.people import check_signatures
from custody.reading import entry_of_row
from schemas.errors import CustodyConflict, LedgerCorrupt
from schemas.key_statement import KeyStatement
from store.ledger import EntryRow
from store.tables.signing_keys import SigningKey


def follow_keys(rows: Iterable[EntryRow], findings: Findings) -> KeyLog:
    """Return the keys after the entries about them, each checked with its signatures.

    What may not be is reported and changes no key.
    """
    log = KeyLog()
    for row in rows:
        try:
            entry = entry_of_row(row)
            statement = parse_payload(entry.envelope)
            if not isinstance(statement, KeyStatement):
                continue  # reported with the log: it stands in the wrong chain
            check_signatures(entry.envelope, statement, public_keys(log, statement))
            log = apply_keys(log, statement, row.index)
        except (LedgerCorrupt, CustodyConflict) as error:
            findings.add(row.index, None, f"Entry {row.index}, about keys: {error}")
        log = log.with_head(row.leaf_hash)
    return log


def check_believed(rows: Iterable[EntryRow], since: AuditState, findings: Findings) -> None:
    """Check that the entries about keys before `since` are those that the earlier audit checked.

    They alone are read again: keys that were let out could otherwise be let in again unseen.
    """
    head = NO_ENTRY
    for row in rows:
        if row.index >= since.size:
            break
        try:
            entry = entry_of_row(row)
        except LedgerCorrupt:
            return  # reported already: the bytes cannot be read
        if (entry.index, entry.previous) != (row.index, head):
            break
        head = leaf_hash(row.entry_bytes)
    if head != since.keys:
        findings.add(
            max(since.size - 1, 0),
            None,
            f"The entries about keys among the first {since.size} are not those that the earlier "
            "audit checked.",
        )


def check_register(log: KeyLog, stored: Sequence[SigningKey], findings: Findings) -> None:
    """Check that the register of keys says what the entries about keys lead to."""
    said = {row.key: row.model_dump() for row in key_rows(log)}
    for row in stored:
        expected = said.pop(row.key, None)
        if expected is None:
            findings.add(
                row.enrolled_index,
                None,
                f"The register has the key {row.key[:16]}… of {row.username} "
                "that no entry enrolled.",
            )
            continue
        for column, value in row.model_dump().items():
            if value != expected[column]:
                findings.add(
                    row.enrolled_index,
                    None,
                    f"Key {row.key[:16]}… of {expected['username']}: column {column} says "
                    f"{shown(value)}, the ledger says {shown(expected[column])}.",
                )
    for expected in said.values():
        findings.add(
            int(expected["enrolled_index"]),
            None,
            f"The key of {expected['username']} is missing from the register.",
        )
