"""A signed log whose people slip: every statement is as it should be but for one thing, perhaps.

What may not follow is recorded all the same, by an owner who does not look.
"""

import contextlib
import random
from collections.abc import Sequence
from typing import Any

from custody.entry import KEYS_CHAIN, Entry, parse_entry
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, parse_payload
from custody.key_log import apply_keys
from custody.story import Placed
from schemas.errors import CustodyConflict
from schemas.key_statement import KeyStatement
from schemas.statement import Statement
from tests.support.signed_case import Chain, Person, SignedLog, signed


class CarelessLog(SignedLog):
    """A log as `SignedLog`, until it becomes `careless`.

    Attributes:
        careless: Whether it records whatever comes.
        slips: Whether statements are made with one thing wrong.
        marked: What the next entry is said to be in conflict with, if that is not found out.
    """

    careless = False
    slips = False
    marked: tuple[bytes | None, ...] = ()

    def statement(
        self, kind: str, order: str, people: Sequence[Person], **fields: Any
    ) -> Statement:
        """Return a statement, with one slip or none."""
        return super().statement(kind, order, people, **(fields | self._slip(order)))

    def key_statement(self, kind: str, signers: Sequence[dict[str, Any]], **fields: Any) -> Any:
        """Return a statement about keys, with one slip or none."""
        slip = self._slip_in_keys() if self.slips else {}
        return super().key_statement(kind, signers, **(fields | slip))

    def record(self, said: Statement, people: Sequence[Person]) -> Entry:
        """Record a statement; unless told otherwise, it is marked rightly where it may stand."""
        if not self.careless:
            return super().record(said, people)
        story = self.story(said.order)
        lawful = Placed(state=story.state)
        with contextlib.suppress(CustodyConflict):
            lawful = story.place(said)
        (marked,) = self.marked or (lawful.conflict_with,)
        self.marked = ()
        entry = self.place(said.order, signed(STATEMENT_TYPE, said, people), marked)
        self.force(entry)
        self.tell(said, marked, lawful)
        return entry

    def tell(self, said: Statement, marked: bytes | None, lawful: Placed) -> None:
        """Take the last entry into its order's story, as a verifier does."""
        story = self.story(said.order)
        broken = Placed(state=story.state, conflict_with=marked)
        placed = lawful if lawful.conflict_with == marked else broken
        story.add(self.leaves[-1], said, placed)

    def record_keys(self, said: KeyStatement, people: Sequence[Person]) -> Entry:
        """Record a statement about keys, whether it may follow or not.

        Raises:
            CustodyConflict: It may not; it is recorded.
        """
        if not self.careless:
            return super().record_keys(said, people)
        entry = self.place(KEYS_CHAIN, signed(KEY_STATEMENT_TYPE, said, people))
        try:
            self.key_log = apply_keys(self.key_log, said, entry.index)
        finally:
            self.force(entry)
            self.key_log = self.key_log.with_head(self.leaves[-1])
        return entry

    def _slip(self, order: str) -> dict[str, Any]:
        rng, chain = self.rng, self.chain(order)
        if not self.slips or not chain.leaves or rng.random() < 0.4:
            return {}
        slips: tuple[dict[str, Any], ...] = (
            {"seen": None},
            {"seen": seen_of(chain, rng)},
            {"id": used_id(self, order, often=True)},
            {"shipment": "U-other"},
            {"shipper": "8003-2"},
            {"shipper": None},
            {"waybill": "020-2", "reason": None, "remarks": None},
            {"seals": ["S-10"], "reason": None, "remarks": None},
            {"items": ["other"]},
        )
        return rng.choice(slips)

    def _slip_in_keys(self) -> dict[str, Any]:
        rng, chain = self.rng, self.chain(KEYS_CHAIN)
        slips: tuple[dict[str, Any], ...] = (
            {},
            {},
            {"seen": None},
            {"seen": seen_of(chain, rng)},
            {"id": used_id(self, KEYS_CHAIN, often=True)},
        )
        return rng.choice(slips)


def recorded(log: SignedLog, order: str) -> list[Statement | KeyStatement]:
    """Return what was said in a chain so far."""
    entries = [parse_entry(log.entries[each]) for each in log.chain(order).indexes]
    return [parse_payload(each.envelope) for each in entries]


def used_id(log: SignedLog, order: str, *, often: bool = False) -> str:
    """Return an id for a statement: a new one, or now and then one that was used before."""
    used = [each.id for each in recorded(log, order)]
    again = used and log.rng.random() < (0.9 if often else 0.06)
    return log.rng.choice(used) if again else log.new_id()


def seen_of(chain: Chain, rng: random.Random) -> dict[str, Any]:
    """Return what somebody saw of a chain: an earlier head of it, mostly, or of another one."""
    hashes = [each.hex() for each in chain.leaves]
    sequence = rng.randrange(len(hashes)) + 1
    return {"sequence": sequence, "hash": rng.choice([hashes[sequence - 1]] * 5 + hashes)}
