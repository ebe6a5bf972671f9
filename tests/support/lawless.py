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

from custody.canonical import statement_hash
from custody.entry import KEYS_CHAIN, NO_ENTRY, Entry, instant_text
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, parse_payload
from custody.key_log import apply_keys
from custody.story import Placed
from schemas.errors import CustodyConflict
from schemas.key_statement import KeyStatement, KeyStatementKind
from schemas.statement import Statement, StatementKind
from tests.support.careless_log import CarelessLog, recorded, seen_of, used_id
from tests.support.plots import ORDER, plot
from tests.support.signed_case import START, Person, SignedLog, signed
from tests.support.signed_walk import PARTIES, PLACE, STEPS, NotNow, Walk, items_of

_KINDS = (*StatementKind, *("offer", "accept", "refuse", "hold", "depart", "seal_readings") * 3)


def lawless_log(seed: int, *, lawful: int = 6, lawless: int = 6) -> SignedLog:
    """Return a log with one order, `A-0`, whose last entries follow no rules."""
    log = CarelessLog(seed, witnesses=2, quorum=1)
    walk = Walk(log)
    walk.found()
    if log.rng.random() < 0.15:
        walk._say("erase_identity", ORDER, None, reason="asked for")
    for _ in range(log.rng.randrange(1, lawful)):
        walk.step(ORDER)
    if log.rng.random() < 0.4:
        walk.change_keys()
    log.checkpoint()
    log.careless = True
    for _ in range(3):
        with contextlib.suppress(CustodyConflict):
            plot(walk, log)
    log.slips = True
    for _ in range(lawless):
        with contextlib.suppress(ValidationError, NotNow):
            log.rng.choice((_say, _say, _say, _slip, _slip, _slip, _say_keys, _slip_keys))(
                walk, log
            )
    log.checkpoint()
    return log


def _say(walk: Walk, log: CarelessLog) -> None:
    rng = log.rng
    people = rng.sample(list(walk.people.values()), rng.choice((1, 1, 1, 2)))
    if rng.random() < 0.5:  # as it should be
        of_one = [one for one in walk.people.values() if one.party == people[0].party]
        people = of_one[: len(people)]
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


def _slip(walk: Walk, log: CarelessLog) -> None:
    """Take a step as it should be taken, but for what it is careless about."""
    walk.try_step(log.rng.choice((*STEPS, "thaw", "infuse", "waste", "pack")), ORDER)


def _slip_keys(walk: Walk, log: CarelessLog) -> None:
    del log
    with contextlib.suppress(CustodyConflict):
        walk.change_keys()


def _fields(walk: Walk, people: Sequence[Person]) -> dict[str, Any]:
    """Return fields that make sense often enough to be told apart from those that do not."""
    log, rng = walk.log, walk.log.rng
    chain, state = log.chain(ORDER), log.story(ORDER).state
    hashes = [each.hex() for each in chain.leaves]
    seen = seen_of(chain, rng)
    fields: dict[str, Any] = {
        "id": used_id(log, ORDER),
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
        "answers": rng.choice([*_offers(log)[-3:] * 3, *hashes]),
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


def _offers(log: SignedLog) -> list[str]:
    """Return the names of all offers so far, by which they are answered; the open one twice."""
    offers = [
        statement_hash(each)
        for each in recorded(log, ORDER)
        if isinstance(each, Statement) and each.kind is StatementKind.OFFER
    ]
    offer = log.story(ORDER).state.offer
    return offers if offer is None else [*offers, offer.statement]


def _say_keys(walk: Walk, log: CarelessLog) -> None:
    rng = log.rng
    people = list(walk.people.values())
    new = [_new_key(log, each) for each in rng.sample(people, rng.choice((0, 1, 1, 2)))]
    able = [each for each in people if each.approver] if rng.random() < 0.7 else people
    approvers = rng.sample(able, rng.choice((0, 1, 2, 2, 2, 2, 3)))
    signers = [each.as_signer("holder", "mine") for each in new]
    signers += [each.as_signer("approver", "I know") for each in approvers]
    revoked = rng.sample(people, rng.choice((0, 0, 1, 1, 2)))
    chain = log.chain(KEYS_CHAIN)
    said: KeyStatement = log.key_statement(
        rng.choice([KeyStatementKind.ENROL_KEY, *KeyStatementKind]),
        signers,
        id=used_id(log, KEYS_CHAIN),
        keys=[each.as_key() for each in new],
        revokes=[each.pair.key_id for each in revoked],
        reason=rng.choice(["lost", "lost", None]),
        suspect_since=rng.choice([None, instant_text(log.now), "2026-11-01T06:00:00.000Z"]),
        seen=rng.choice([*[chain.seen] * 6, seen_of(chain, rng), None]),
    )
    entry = log.place(KEYS_CHAIN, signed(KEY_STATEMENT_TYPE, said, [*new, *approvers]))
    with contextlib.suppress(CustodyConflict):
        log.key_log = apply_keys(log.key_log, said, entry.index)
        walk.people |= {each.user: each for each in new}
    _force(log, entry)
    log.key_log = log.key_log.with_head(log.leaves[-1])


def _new_key(log: SignedLog, person: Person) -> Person:
    """Return somebody with a key: the one that counts, a new one, or one of a name like theirs."""
    fresh = replace(person, pair=log.new_pair(), approver=log.rng.random() < 0.7)
    alike = replace(fresh, user=person.user.swapcase(), approver=True)
    return log.rng.choice((person, fresh, alike, alike))


def _force(log: CarelessLog, entry: Entry) -> None:
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
        lawful = Placed(state=log.story(entry.order).state)
        with contextlib.suppress(CustodyConflict):
            lawful = log.story(entry.order).place(said)
        log.tell(said, entry.conflict_with, lawful)
