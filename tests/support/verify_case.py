"""A small signed log to do wrong to, and the ways of recording what may not be recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from custody.entry import KEYS_CHAIN
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE
from custody.policy import Policy
from custody.verify import verify
from custody.verify_result import Severity, Verification
from schemas.key_statement import KeyStatement
from schemas.statement import Statement
from tests.support.signed_case import Person, SignedLog, signed
from tests.support.signed_walk import PLACE, Walk, items_of

A = "A-0"
"""The order that `small_walk` is about."""
Found = tuple[int, str, int | None]


def small_walk() -> Walk:
    """Return an order that was handed over once and sealed once; its entries are 2 to 6."""
    walk = Walk(SignedLog(7))
    walk.found()
    walk._say("commission", A, "maker", items=items_of(A), coi="ab" * 32)
    walk.try_step("offer", A)
    walk.try_step("accept", A)
    walk._seal(A)
    walk.log.checkpoint()
    walk._say("inspect", A, "maker", place=PLACE)
    return walk


def faults(found: Verification) -> list[Found]:
    """Return step, code and index of each fault."""
    return [each[:3] for each in found.agreed if each[3] == Severity.FAULT]


def notes(found: Verification) -> list[Found]:
    """Return step, code and index of each note."""
    return [each[:3] for each in found.agreed if each[3] == Severity.NOTE]


def judge(log: SignedLog, policy: Policy | None = None) -> Verification:
    """Verify the bundle of the order under a new checkpoint."""
    log.checkpoint()
    return verify(log.bundle(A), policy)


def said_by(walk: Walk, person: str, kind: str = "inspect", **fields: Any) -> Statement:
    """Return a statement that somebody could make who saw the order's head."""
    who = walk.people[person]
    return walk.log.statement(kind, A, [who], **({"from": who.party, "place": PLACE} | fields))


def force(
    walk: Walk, said: Statement, people: Sequence[Person], change: Mapping[str, Any] | None = None
) -> int:
    """Record a statement unchecked, its entry changed, and return the index."""
    entry = walk.log.place(A, signed(STATEMENT_TYPE, said, people))
    walk.log.force(replace(entry, **(change or {})))
    return entry.index


def force_keys(walk: Walk, said: KeyStatement, people: Sequence[Person], **change: Any) -> int:
    """Record a statement about keys unchecked, its entry changed, and return the index."""
    entry = walk.log.place(KEYS_CHAIN, signed(KEY_STATEMENT_TYPE, said, people))
    walk.log.force(replace(entry, **change))
    walk.log.key_log = replace(walk.log.key_log, head=walk.log.leaves[-1])
    return entry.index


def enrolment(
    walk: Walk, approvers: Sequence[str] = ("maker-1", "hub-1"), **fields: Any
) -> tuple[KeyStatement, list[Person]]:
    """Return a statement that enrols a further key, and who signs it."""
    new = walk.people["courier-2"]
    fresh = replace(new, pair=walk.log.new_pair())
    people = [fresh, *(walk.people[each] for each in approvers)]
    roles = ["holder", *("approver" for _ in approvers)]
    said = walk.log.key_statement(
        "enrol_key",
        [one.as_signer(role, "so be it") for one, role in zip(people, roles, strict=True)],
        keys=[fresh.as_key()],
        **fields,
    )
    return said, people
