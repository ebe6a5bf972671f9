"""When a step of custody took effect: as claimed, within what the record allows. Pure.

A claim is corrected by what the device knew of its clock. It is never after it was recorded, and
never before the step of possession in front of it: nobody can move an acceptance to before the
offer that it answers, and so cut readings off.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from custody.entry import instant_of
from schemas.statement import Statement, StatementKind

BEGINNING = datetime.min.replace(tzinfo=UTC)

BINDING = frozenset(
    {
        StatementKind.COMMISSION,
        StatementKind.OFFER,
        StatementKind.ACCEPT,
        StatementKind.REFUSE,
        StatementKind.DEPART,
        StatementKind.ARRIVE,
    }
)
"""Kinds that say when possession passed or moved; the others move no time."""


class RecordedEntry(Protocol):
    """What an entry of an order says about time.

    Attributes:
        conflict: Whether it was recorded as contradicting others; it then moves nothing.
    """

    @property
    def statement(self) -> Statement: ...  # noqa: D102
    @property
    def recorded_at(self) -> datetime: ...  # noqa: D102
    @property
    def conflict(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """An entry, as far as it decides when what happened; see `RecordedEntry`."""

    statement: Statement
    recorded_at: datetime
    conflict: bool = False


def claimed_instant(statement: Statement) -> datetime:
    """Return when its signers say it happened, by the server's clock as far as they knew it."""
    claimed = instant_of(statement.claimed_at)
    if statement.clock is None:
        return claimed
    try:
        return claimed + timedelta(milliseconds=statement.clock.offset_ms)
    except OverflowError:
        return claimed


def effective_instant(
    statement: Statement, recorded_at: datetime, not_before: datetime
) -> datetime:
    """Return when a step took effect.

    Args:
        statement: The step.
        recorded_at: When the ledger took it.
        not_before: `latest_instant` of the entries in front.
    """
    return max(not_before, min(claimed_instant(statement), recorded_at))


def latest_instant(entry: RecordedEntry, not_before: datetime) -> datetime:
    """Return before which no later step can have been, given an entry and what was in front."""
    if entry.conflict or entry.statement.kind not in BINDING:
        return not_before
    return effective_instant(entry.statement, entry.recorded_at, not_before)


def latest_of(entries: Iterable[RecordedEntry]) -> datetime:
    """Return before which no further step can have been."""
    latest = BEGINNING
    for entry in entries:
        latest = latest_instant(entry, latest)
    return latest
