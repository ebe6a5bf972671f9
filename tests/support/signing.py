"""People with keys, always the same: one desk for each party, founders, the notary."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from custody.canonical import signed_bytes
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, Envelope, Signature
from custody.key_file import SigningKeyPair
from schemas.key_statement import KeyStatement
from schemas.statement import Statement

LOG = "unbroken/test"


@cache
def _pair(user: str) -> SigningKeyPair:
    return SigningKeyPair(hashlib.sha256(user.encode()).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a key that follows from the user name."""

    user: str
    party: str | None = None
    approver: bool = False

    @property
    def name(self) -> str:
        """The printed name."""
        return f"Person {self.user}"

    @property
    def pair(self) -> SigningKeyPair:
        """The key pair."""
        return _pair(self.user)

    def signer(self, role: str = "signer", meaning: str = "I say so.") -> dict[str, Any]:
        """Return the person as a signer of a statement."""
        return {
            "user": self.user,
            "name": self.name,
            "party": self.party,
            "role": role,
            "key": self.pair.key_id,
            "meaning": meaning,
        }

    def key(self) -> dict[str, Any]:
        """Return the person's key as a key statement enrols it."""
        return {
            "public": self.pair.public.hex(),
            "user": self.user,
            "name": self.name,
            "party": self.party,
            "approver": "yes" if self.approver else "no",
        }


FOUNDERS = (Person(user="qa.one", approver=True), Person(user="qa.two", approver=True))
NOTARY = Person(user="notary")


def desk(party: str | None) -> Person:
    """Return who signs for a party; for no party, quality."""
    return Person(user="quality" if party is None else f"{party}.desk", party=party)


def second(party: str | None) -> Person:
    """Return the second person of a party, who verifies."""
    return Person(user="quality.2" if party is None else f"{party}.second", party=party)


def envelope_of(statement: Statement | KeyStatement, *signed_by: Person) -> Envelope:
    """Return the statement signed by all of its signers, whose keys follow from their names.

    Args:
        statement: What is signed.
        signed_by: Who signs instead, for statements signed wrongly.
    """
    custody = isinstance(statement, Statement)
    bare = Envelope(
        payload_type=STATEMENT_TYPE if custody else KEY_STATEMENT_TYPE,
        payload=signed_bytes(statement),
    )
    pairs = [one.pair for one in signed_by] or [
        Person(user=signer.user).pair for signer in statement.signers
    ]
    return Envelope(
        payload_type=bare.payload_type,
        payload=bare.payload,
        signatures=tuple(
            Signature(key_id=pair.key_id, signature=pair.sign(bare.pae)) for pair in pairs
        ),
    )


def key_statement_of(kind: str, **fields: Any) -> KeyStatement:
    """Return a key statement with the fields given by their wire names."""
    document: dict[str, Any] = {
        "log": LOG,
        "id": str(UUID(int=1)),
        "kind": kind,
        "keys": [],
        "revokes": [],
        "claimed_at": "2026-11-21T09:00:00.000Z",
        "signers": [],
        "reason": None,
    }
    return KeyStatement.model_validate(document | fields)


def founding(*people: Person, log: str = LOG) -> Envelope:
    """Return the founding of the keys: the founders, and whoever else, sign for themselves."""
    everybody = (*FOUNDERS, *people)
    return envelope_of(
        key_statement_of(
            "found_keys",
            log=log,
            id="00000000-0000-4000-8000-0000000f0000",
            keys=[one.key() for one in everybody],
            signers=[one.signer("holder", "This is my key.") for one in everybody],
        )
    )


def enrolment(
    *people: Person, number: int = 1, seen: dict[str, Any] | None, log: str = LOG
) -> Envelope:
    """Return the enrolment of people's keys, approved by both founders."""
    return envelope_of(
        key_statement_of(
            "enrol_key",
            log=log,
            id=f"00000000-0000-4000-8000-0000000e{number:04d}",
            keys=[one.key() for one in people],
            signers=[
                *(one.signer("holder", "This is my key.") for one in people),
                *(one.signer("approver", "I know this person.") for one in FOUNDERS),
            ],
            seen=seen,
        )
    )
