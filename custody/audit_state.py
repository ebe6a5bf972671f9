"""Where an audit ended, kept outside the database so that the next one can go on from there."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from custody.entry import NO_ENTRY, instant_of, instant_text
from custody.merkle import Frontier
from schemas.errors import ConfigurationError, LedgerCorrupt


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditState:
    """The log as an audit left it: all that is needed to check what was appended since.

    Attributes:
        frontier: The tree over the entries that were checked.
        recorded_at: Of the last of them; None when there was none.
        keys: Hash of the last entry about keys among them.
    """

    frontier: Frontier = field(default_factory=Frontier)
    recorded_at: datetime | None = None
    keys: bytes = NO_ENTRY

    @property
    def size(self) -> int:
        """How many entries were checked."""
        return self.frontier.size

    def to_text(self) -> str:
        """Return the state as a line of JSON."""
        return json.dumps(
            {
                "size": self.size,
                "frontier": self.frontier.to_bytes().hex(),
                "recorded_at": None if self.recorded_at is None else instant_text(self.recorded_at),
                "keys": self.keys.hex(),
            }
        )


def parse_audit_state(text: str) -> AuditState:
    """Return the state that `AuditState.to_text` wrote.

    Raises:
        ConfigurationError: It is none; audit the whole log instead.
    """
    try:
        found = json.loads(text)
        at = found["recorded_at"]
        return AuditState(
            frontier=Frontier.from_bytes(found["size"], bytes.fromhex(found["frontier"])),
            recorded_at=None if at is None else instant_of(at),
            keys=bytes.fromhex(found["keys"]),
        )
    except (ValueError, TypeError, KeyError, LedgerCorrupt) as error:
        message = "This is not where an audit ended. Audit the whole log: leave out --new."
        raise ConfigurationError(message) from error
