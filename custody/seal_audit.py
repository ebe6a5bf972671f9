"""Whether the readings in the database are those that were sealed: every leg's last seal, again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from custody.canonical import parse_signed
from custody.findings import Findings
from custody.leg_lines import LegRead, read_leg, windows_of_seal
from custody.seal_statement import EARLIER_READINGS, EarlierReadings
from schemas.errors import LedgerCorrupt, ReadingError
from schemas.statement import Sealed, Statement
from store.database import Session
from store.ledger import EntryRow
from store.leg_readings import LegWindow, held_since
from store.leg_seals import LegRow, list_legs
from store.seal_entries import stream_seals
from store.watched_shipments import WatchedRow, find_watched


class SealNoteCode(StrEnum):
    """What is no divergence, and still to be said of a seal."""

    DUE = "due"
    NO_LONGER_HELD = "no_longer_held"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealNote:
    """Something about a seal that is as it should be, and not as one might expect.

    Attributes:
        index: Of the seal's entry.
    """

    code: SealNoteCode
    index: int
    order: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seal:
    row: EntryRow
    statement: Statement
    sealed: Sealed

    @property
    def name(self) -> str:
        return f"Entry {self.row.index}: leg {self.sealed.leg} of shipment {self.row.shipment_code}"


@dataclass(slots=True, kw_only=True)
class _Check:
    session: Session
    size: int
    findings: Findings
    held_since: datetime | None
    notes: list[SealNote] = field(default_factory=list)

    def fault(self, seal: _Seal, sentence: str) -> None:
        self.findings.add(seal.row.index, seal.row.order_code, f"{seal.name} {sentence}")

    def note(self, code: SealNoteCode, seal: _Seal, sentence: str) -> None:
        self.notes.append(
            SealNote(
                code=code,
                index=seal.row.index,
                order=seal.row.order_code,
                sentence=f"{seal.name} {sentence}",
            )
        )


def check_seals(session: Session, size: int, findings: Findings) -> list[SealNote]:
    """Compare each leg's last seal with the readings that are there, in flat memory.

    A reading that was changed, removed, or added as if it had been there when the leg was sealed is
    a finding at the seal's index. Entries that cannot be read are left to the audit of the log.

    Args:
        session: The transaction.
        size: How many entries of the log to look at.
        findings: Takes what is wrong.

    Returns:
        What is no finding: readings that came after the seal and are yet to be sealed, and legs
        whose readings retention has dropped.
    """
    check = _Check(session=session, size=size, findings=findings, held_since=held_since(session))
    by_shipment = groupby(stream_seals(session, size), key=lambda row: row.shipment_code)
    for code, rows in by_shipment:
        last = _last_seals(rows, check)
        watched = find_watched(session, code or "")
        if watched is None:
            for seal in last.values():
                check.fault(seal, "is sealed, and there is no such shipment.")
            continue
        listed = {row.leg: row for row in list_legs(session, watched.id)}
        for seal in last.values():
            _check_list(seal, listed.get(seal.sealed.leg), check)
            _check_readings(seal, watched, listed.get(seal.sealed.leg), check)
    return check.notes


def _last_seals(rows: Iterable[EntryRow], check: _Check) -> dict[int, _Seal]:
    """Return the last seal of each leg; report those that found earlier readings gone."""
    last: dict[int, _Seal] = {}
    for row in rows:
        try:
            statement = parse_signed(Statement, row.statement_bytes)
        except LedgerCorrupt:
            continue
        if statement.sealed is None or row.conflict_with is not None:
            continue
        seal = _Seal(row=row, statement=statement, sealed=statement.sealed)
        last[seal.sealed.leg] = seal
        became = statement.conditions.get(EARLIER_READINGS)
        if became == EarlierReadings.UNCLEAR:
            check.note(
                SealNoteCode.UNCLEAR,
                seal,
                "was sealed again, and it is unclear whether all readings sealed before were kept: "
                "some were being stored while the seal before was made.",
            )
        if became == EarlierReadings.NOT_KEPT:
            check.fault(
                seal,
                "was sealed again after readings that were sealed before had been changed or "
                "removed.",
            )
    return last


def _check_list(seal: _Seal, row: LegRow | None, check: _Check) -> None:
    """Check that the list of legs, which people are shown, repeats the seal."""
    if row is None:
        check.fault(seal, "is missing from the list of legs.")
        return
    if row.entry_index is not None and row.entry_index >= check.size:
        return  # sealed again while this audit runs
    listed = (row.entry_index, row.entry_hash, row.readings, row.root)
    root = bytes.fromhex(seal.sealed.root)
    if listed != (seal.row.index, seal.row.leaf_hash, seal.sealed.count, root):
        check.fault(seal, "is not in the list of legs as it was sealed.")


def _check_readings(seal: _Seal, watched: WatchedRow, row: LegRow | None, check: _Check) -> None:
    windows = windows_of_seal(check.session, watched.id, seal.sealed)
    try:
        now = read_leg(check.session, windows)
        if _is(seal, now):
            return
        then = read_leg(check.session, windows, received_until=seal.row.recorded_at)
    except ReadingError as error:
        check.fault(seal, f"has a reading that was never taken in: {error}.")
        return
    if _is(seal, then) or _is(seal, _when_read(check.session, windows, row, then)):
        check.note(
            SealNoteCode.DUE,
            seal,
            f"has {now.count - seal.sealed.count} readings that came after its seal; "
            "a further seal is due.",
        )
    elif _is_dropped(seal, windows, row, check):
        check.note(
            SealNoteCode.NO_LONGER_HELD,
            seal,
            "is sealed, and readings of it are no longer held: retention has dropped them.",
        )
    else:
        check.fault(
            seal,
            f"was sealed with {seal.sealed.count} readings. Of those received until then "
            f"{then.count} are there, and they are not the same: {_what(seal, then)}.",
        )


def _is(seal: _Seal, read: LegRead) -> bool:
    return (read.count, read.root.hex()) == (seal.sealed.count, seal.sealed.root)


def _when_read(
    session: Session, windows: list[LegWindow], row: LegRow | None, then: LegRead
) -> LegRead:
    """Return what had been received when the seal's readings were read, just before it was made.

    What came between the two is late as well.
    """
    if row is None or row.received_until is None:
        return then
    return read_leg(session, windows, received_until=row.received_until)


def _is_dropped(seal: _Seal, windows: list[LegWindow], row: LegRow | None, check: _Check) -> bool:
    """Whether retention reaches into the leg: there is no place for its first reading any more."""
    if check.held_since is None:
        return True
    first_at = row.first_at if row is not None else None
    if first_at is None:
        first_at = min((window.begin for window in windows), default=None)
    return seal.sealed.count > 0 and first_at is not None and first_at < check.held_since


def _what(seal: _Seal, then: LegRead) -> str:
    if then.count < seal.sealed.count:
        return "readings were removed"
    return "readings were added" if then.count > seal.sealed.count else "readings were changed"
