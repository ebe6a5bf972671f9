"""Strategies for keys: people with several keys, and histories of statements about them."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from custody.key_file import SigningKeyPair
from custody.key_log import KeyLog
from schemas.key_statement import KeyStatement
from tests.support.signing import Person, _pair, key_statement_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder(Person):
    """Somebody with one of several keys, which follows from the user name and a number."""

    number: int = 0

    @property
    def pair(self) -> SigningKeyPair:
        """The key pair; the first is the person's own in all other tests."""
        return _pair(f"{self.user}#{self.number}" if self.number else self.user)

    def rotated(self) -> "Holder":
        """Return the person with the next key."""
        return replace(self, number=self.number + 1)


APPROVERS = tuple(Holder(user=f"qa.{name}", approver=True) for name in ("one", "two", "three"))
STAFF = tuple(
    Holder(user=f"staff.{number}", party="maker" if number % 2 else None) for number in range(3)
)
_NOBODY = Holder(user="nobody")
EVERYBODY = (*APPROVERS, *STAFF)


def about_keys(
    kind: str,
    *,
    new: tuple[Holder, ...] = (),
    approvers: tuple[Holder, ...] = (),
    seen_in: KeyLog | None = None,
    **fields: Any,
) -> KeyStatement:
    """Return a statement about keys that has seen the head of `seen_in`."""
    head = seen_in or KeyLog()
    seen = {"sequence": head.sequence, "hash": head.head.hex()} if head.sequence else None
    document: dict[str, Any] = {
        "keys": [one.key() for one in new],
        "signers": [
            *(one.signer("holder") for one in new),
            *(one.signer("approver") for one in approvers),
        ],
        "seen": seen,
        "reason": "because" if kind in {"rotate_key", "revoke_key"} else None,
    }
    return key_statement_of(kind, **(document | fields))


@st.composite
def key_statements(draw: st.DrawFn, number: int = 1) -> KeyStatement:
    """Statements about keys by anybody about anybody, a good part of which may not be."""
    kind = draw(st.sampled_from(["enrol_key", "enrol_key", "rotate_key", "revoke_key"]))
    holders = st.builds(
        lambda person, count: replace(person, number=count),
        st.sampled_from(EVERYBODY),
        st.integers(0, 2),
    )
    new = draw(st.lists(holders, min_size=1, max_size=2, unique_by=lambda one: one.user))
    if kind == "revoke_key":
        new = []
    people = st.lists(holders, min_size=1, max_size=3, unique_by=lambda one: one.user)
    approvers = draw(st.just(list(APPROVERS[:2])) | people)
    used = {one.pair.key_id for one in new}
    approvers = [one for one in approvers if one.pair.key_id not in used] or [_NOBODY]
    revokes = []
    if kind != "enrol_key":
        gone = st.lists(holders, min_size=1, max_size=2, unique_by=lambda one: one.pair.key_id)
        revokes = [one.pair.key_id for one in draw(gone)]
    return about_keys(
        kind,
        new=tuple(new),
        approvers=tuple(approvers),
        id=str(UUID(int=number)),
        revokes=revokes,
    )


@st.composite
def key_histories(draw: st.DrawFn) -> list[KeyStatement]:
    """Statements about keys, one after another; the first founds them."""
    others = draw(st.lists(st.sampled_from(STAFF), max_size=2, unique=True))
    founders = (*APPROVERS[: draw(st.integers(2, 3))], *others)
    first = about_keys("found_keys", new=founders)
    count = draw(st.integers(0, 12))
    return [first, *(draw(key_statements(number + 2)) for number in range(count))]
