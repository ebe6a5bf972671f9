"""Logs whose owner records whatever comes: rules, keys, names and chains are right by chance only.

They begin lawfully, so that later statements have something to contradict. Signatures are real,
mostly of those who are named.
"""

import contextlib
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from custody.entry import KEYS_CHAIN, NO_ENTRY, Entry, instant_text
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, parse_payload
from custody.key_log import apply_keys
from custody.story import Placed
from schemas.errors import CustodyConflict
from schemas.key_statement import KeyStatement, KeyStatementKind
from schemas.statement import Statement, StatementKind
from tests.support.signed_case import START, Person, SignedLog, signed
from tests.support.signed_walk import PARTIES, PLACE, Walk, items_of

ORDER = "A-0"
_KINDS = (*StatementKind, *("offer", "accept", "refuse", "hold", "depart", "seal_readings") * 3)


def lawless_log(seed: int, *, lawful: int = 6, lawless: int = 8) -> SignedLog:
    """Return a log with one order, `A-0`, whose last entries follow no rules."""
    walk = Walk(SignedLog(seed, witnesses=2, quorum=1))
    log = walk.log
    walk.found()
    for _ in range(log.rng.randrange(1, lawful)):
        walk.step(ORDER)
    if log.rng.random() < 0.4:
        walk.change_keys()
    log.checkpoint()
    for _ in range(lawless):
        with contextlib.suppress(ValidationError):
            (_say_keys if log.rng.random() < 0.25 else _say)(walk)
    log.checkpoint()
    return log


def _say(walk: Walk) -> None:
    log, rng = walk.log, walk.log.rng
    people = rng.sample(list(walk.people.values()), rng.choice((1, 1, 1, 2)))
    if rng.random() < 0.1:
        people = [replace(each, party=rng.choice([*PARTIES, None])) for each in people]
    order = ORDER if rng.random() < 0.95 else "A-9"
    said = log.statement(rng.choice(_KINDS), order, people, **_fields(walk, people))
    marked = rng.choice([*log.chain(ORDER).leaves, *[None] * 9])
    if rng.random() < 0.5:
        with contextlib.suppress(CustodyConflict):
            marked = log.story(ORDER).place(said).conflict_with
    for _ in range(rng.choice((1, 1, 1, 1, 1, 2))):  # twice: replayed
        _force(log, log.place(ORDER, signed(STATEMENT_TYPE, said, people), marked))


def _fields(walk: Walk, people: Sequence[Person]) -> dict[str, Any]:
    """Return fields that make sense often enough to be told apart from those that do not."""
    log, rng = walk.log, walk.log.rng
    chain, state = log.chain(ORDER), log.story(ORDER).state
    hashes = [each.hex() for each in chain.leaves]
    sequence = rng.randrange(len(hashes)) + 1
    seen = {"sequence": sequence, "hash": rng.choice([hashes[sequence - 1]] * 5 + hashes)}
    fields: dict[str, Any] = {
        "from": rng.choice([people[0].party, people[0].party, state.holder, *PARTIES, None]),
        "to": rng.choice([people[0].party, people[0].party, *PARTIES]),
        "items": rng.sample([*items_of(ORDER), "other"], rng.choice((0, 0, 0, 1, 2, 3))),
        "shipment": rng.choice(["U-A-0", "U-A-0", "U-other", None]),
        "shipper": rng.choice([None, "8003-1", "8003-2"]),
        "waybill": rng.choice([None, "020-1", "020-2"]),
        "seals": rng.choice([[], ["S-1"], ["S-1", "S-2"], ["S-2", "S-1"]]),
        "place": rng.choice([PLACE, PLACE, None]),
        "coi": rng.choice(["ab" * 32, "ab" * 32, None, "cd" * 32]),
        "seen": rng.choice([chain.seen, chain.seen, seen, seen, None]),
        "answers": rng.choice([_last_offer(log), *hashes]),
        "corrects": rng.choice(hashes),
        "reason": rng.choice([None, "it is so"]),
        "remarks": rng.choice([None, "see there"]),
        "conditions": _conditions(rng),
    }
    if rng.random() < 0.5:
        fields["sealed"] = _sealed(log, rng, hashes)
    return fields


def _conditions(rng: random.Random) -> dict[str, str]:
    decided = rng.choice(("release", "release_with_deviation", "reject"))
    return {"disposition": decided, "requalified": rng.choice(("yes", "no", "na"))}


def _sealed(log: SignedLog, rng: random.Random, hashes: Sequence[str]) -> dict[str, Any]:
    return {
        "leg": rng.randrange(1, 3),
        "from": None,
        "until": rng.choice([instant_text(log.now), "2026-11-01T06:00:00.000Z"]),
        "count": rng.randrange(3),
        "root": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "earlier": rng.choice([None, *hashes]),
    }


def _last_offer(log: SignedLog) -> str:
    offer = log.story(ORDER).state.offer
    return "0" * 64 if offer is None else offer.statement


def _say_keys(walk: Walk) -> None:
    log, rng = walk.log, walk.log.rng
    people = list(walk.people.values())
    new = [
        rng.choice([each, replace(each, pair=log.new_pair(), approver=rng.random() < 0.5)])
        for each in rng.sample(people, rng.randrange(3))
    ]
    approvers = rng.sample(people, rng.randrange(4))
    signers = [each.as_signer("holder", "mine") for each in new]
    signers += [each.as_signer("approver", "I know") for each in approvers]
    said: KeyStatement = log.key_statement(
        rng.choice(list(KeyStatementKind)),
        signers,
        keys=[each.as_key() for each in new],
        revokes=[each.pair.key_id for each in rng.sample(people, rng.choice((0, 1, 1, 2)))],
        reason=rng.choice(["lost", "lost", None]),
        suspect_since=rng.choice([None, instant_text(log.now), "2026-11-01T06:00:00.000Z"]),
    )
    entry = log.place(KEYS_CHAIN, signed(KEY_STATEMENT_TYPE, said, [*new, *approvers]))
    with contextlib.suppress(CustodyConflict):
        log.key_log = apply_keys(log.key_log, said, entry.index)
    _force(log, entry)
    log.key_log = log.key_log.with_head(log.leaves[-1])


def _force(log: SignedLog, entry: Entry) -> None:
    """Record an entry; now and then in a place that is not its own, or under a false signature."""
    rng = log.rng
    match rng.randrange(30):
        case 0:
            entry = replace(entry, order_sequence=entry.order_sequence + 1)
        case 1:
            entry = replace(entry, previous=rng.choice([NO_ENTRY, *log.leaves]))
        case 2:
            entry = replace(entry, keys=rng.choice([NO_ENTRY, *log.leaves]))
        case 3:
            entry = replace(entry, recorded_at=START)
        case 4:
            envelope = entry.envelope
            first = replace(envelope.signatures[0], signature=rng.randbytes(64))
            signatures = (first, *envelope.signatures[1:])
            entry = replace(entry, envelope=replace(envelope, signatures=signatures))
    log.force(entry)
    said = parse_payload(entry.envelope)
    if isinstance(said, Statement):
        story = log.story(entry.order)
        placed = Placed(state=story.state)
        with contextlib.suppress(CustodyConflict):
            placed = story.place(said)
        story.add(log.leaves[-1], placed)
