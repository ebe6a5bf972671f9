"""An order's story: its statements one after another, and what each of them leads to.

A statement that was possible on what its signers had seen, but contradicts what others recorded
meanwhile, is not thrown away: it is placed *in conflict*. It changes nothing, and a human is told.
"""

from dataclasses import dataclass

from custody.canonical import statement_hash
from custody.rules import apply
from custody.state import CustodyState
from schemas.errors import CustodyConflict
from schemas.statement import Statement, StatementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a statement leads.

    Attributes:
        state: The order after it; unchanged by a statement in conflict.
        conflict_with: Hash of the entry, not seen by the signers, after which the statement no
            longer applied, or of the offer in conflict that it answers; None when it is not in
            conflict.
        conflict: Why, in a sentence; None when it is not in conflict.
    """

    state: CustodyState
    conflict_with: bytes | None = None
    conflict: str | None = None


class Story:
    """The statements of one order, replayed. Not pure, but its only state is what was added."""

    def __init__(self) -> None:
        self._states = [CustodyState()]
        self._hashes: list[bytes] = []
        self._offers_in_conflict: dict[str, bytes] = {}

    @property
    def state(self) -> CustodyState:
        """Where the order stands."""
        return self._states[-1]

    @property
    def length(self) -> int:
        """How many entries the order has."""
        return len(self._hashes)

    def place(self, statement: Statement) -> Placed:
        """Return where a statement leads if it is recorded next.

        Raises:
            CustodyConflict: It contradicts the record and did so when it was signed, or its
                signers saw a chain that is not this one.
        """
        seen = self._seen(statement)
        try:
            return Placed(state=apply(self.state, statement))
        except CustodyConflict as error:
            against = self._last_against(statement, seen) or self._offer_answered(statement)
            if against is None:
                raise
            return Placed(state=self.state, conflict_with=against, conflict=str(error))

    def add(self, entry_hash: bytes, statement: Statement, placed: Placed) -> None:
        """Take what was placed into the story, now that it stands in the ledger."""
        self._states.append(placed.state.with_entry(entry_hash.hex()))
        self._hashes.append(entry_hash)
        if placed.conflict_with is not None and statement.kind is StatementKind.OFFER:
            self._offers_in_conflict[statement_hash(statement)] = entry_hash

    def _seen(self, statement: Statement) -> int:
        """Return how many entries the signers had seen, checked against the chain."""
        seen = statement.seen
        if seen is None:  # says nothing about what was seen, so it cannot be behind
            return self.length
        known = seen.sequence <= self.length
        if not known or self._hashes[seen.sequence - 1].hex() != seen.hash:
            message = (
                f"The signer's device saw an entry {seen.sequence} of {statement.order} that this "
                "ledger does not have. It was restored, cut or forked since: tell an administrator."
            )
            raise CustodyConflict(message)
        return seen.sequence

    def _last_against(self, statement: Statement, seen: int) -> bytes | None:
        """Return the entry after which it no longer applied; None if it never did since `seen`."""
        for number in reversed(range(seen, self.length)):
            try:
                apply(self._states[number], statement)
            except CustodyConflict:
                continue
            return self._hashes[number]
        return None

    def _offer_answered(self, statement: Statement) -> bytes | None:
        """Return the offer in conflict that this answers: both sides signed, both stay on record.

        Two people in a basement hand over while others do so elsewhere.
        """
        if statement.kind not in {StatementKind.ACCEPT, StatementKind.REFUSE}:
            return None
        return self._offers_in_conflict.get(statement.answers or "")
