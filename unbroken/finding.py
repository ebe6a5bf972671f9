"""What the doctor says: one sentence a finding, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at.

    Attributes:
        id: Stable name; docs/runbook.md has a row for each.
        level: How much it matters.
        sentence: What is so.
        do: What to do; empty when nothing is to be done.
    """

    id: str
    level: Level
    sentence: str
    do: str = ""


def fine(name: str, sentence: str) -> Finding:
    """Return a finding with which all is well."""
    return Finding(id=name, level=Level.OK, sentence=sentence)


def note(name: str, sentence: str, do: str = "") -> Finding:
    """Return a finding that somebody should know."""
    return Finding(id=name, level=Level.NOTE, sentence=sentence, do=do)


def warning(name: str, sentence: str, do: str) -> Finding:
    """Return a finding that makes real use unsafe or worse."""
    return Finding(id=name, level=Level.WARNING, sentence=sentence, do=do)


def failing(name: str, sentence: str, do: str) -> Finding:
    """Return a finding that stops it from working, or loses data."""
    return Finding(id=name, level=Level.ERROR, sentence=sentence, do=do)
