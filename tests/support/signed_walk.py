"""Random but lawful custody: who does what next, until the log is as long as it should be."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from custody.canonical import statement_hash
from custody.entry import instant_text
from custody.key_log import APPROVERS
from custody.sealed_readings import LegRoot, in_order, lines_of, write_file
from schemas.errors import CustodyConflict
from schemas.instants import to_us
from schemas.reading import CHANNELS, NO_SEQ, ReadingBatch
from schemas.statement import Statement
from tests.support.signed_case import Person, SignedLog

PARTIES = ("maker", "courier", "hub", "clinic")
PLACE = "4012345000009"
SHIPPERS = ("8003-1", "8003-2")
STEPS = (
    "condition",
    "inspect",
    "store",
    "offer",
    "accept",
    "refuse",
    "accept",
    "depart",
    "arrive",
    "seal",
    "hold",
    "disposition",
    "transfer_title",
    "correct",
    "release",
    "conflict",
    "answer in conflict",
    "pack",
    "open",
    "return",
    "requalify",
)


def signed_log(
    seed: int, *, orders: int = 2, length: int = 12, witnesses: int = 3, churn: bool = True
) -> SignedLog:
    """Return a log whose orders have `length` entries each, with a checkpoint at its end.

    Args:
        seed: Everything follows from it.
        orders: How many orders, `A-0`, `A-1`, …
        length: Entries an order, at least 1.
        witnesses: How many there are; all cosign.
        churn: Whether keys come and go, and checkpoints are signed, in between.
    """
    walk = Walk(SignedLog(seed, witnesses=witnesses, quorum=min(witnesses, 2)))
    walk.found()
    names = [f"A-{number}" for number in range(orders)]
    while names:
        order = walk.log.rng.choice(names)
        walk.step(order)
        if walk.log.story(order).length >= length:
            names.remove(order)
        if churn and walk.log.rng.random() < 0.04:
            walk.change_keys()
        if churn and walk.log.rng.random() < 0.04:
            walk.log.checkpoint()
    walk.log.checkpoint()
    return walk.log


class Walk:
    """People who take steps in a log."""

    def __init__(self, log: SignedLog) -> None:
        self.log = log
        self.people: dict[str, Person] = {}
        self.lost: dict[str, Statement] = {}
        self.legs: dict[str, list[tuple[datetime | None, datetime, str]]] = {}
        for party in PARTIES:
            for number in (1, 2):
                user = f"{party}-{number}"
                self.people[user] = Person(
                    user=user,
                    name=f"Ann Ödegård {user}",
                    party=party,
                    pair=log.new_pair(),
                    approver=number == 1,
                )
        sealer = Person(user="sealer", name="The log", party=None, pair=log.new_pair())
        self.people["sealer"] = sealer

    def found(self) -> None:
        """Found the keys with all approvers, and enrol everybody else."""
        founders = [each for each in self.people.values() if each.approver]
        said = self.log.key_statement(
            "found_keys",
            [each.as_signer("holder", "this is my key") for each in founders],
            keys=[each.as_key() for each in founders],
        )
        self.log.record_keys(said, founders)
        self.enrol([each for each in self.people.values() if not each.approver])

    def enrol(
        self,
        new: list[Person],
        kind: str = "enrol_key",
        approvers: Sequence[Person] = (),
        **fields: Any,
    ) -> None:
        """Let keys in, with these approvers, or two."""
        approvers = approvers or self.approvers({each.user for each in new})
        signers = [each.as_signer("holder", "this is my key") for each in new]
        signers += [each.as_signer("approver", "I know whose it is") for each in approvers]
        said = self.log.key_statement(kind, signers, keys=[each.as_key() for each in new], **fields)
        self.log.record_keys(said, [*new, *approvers])
        self.people |= {each.user: each for each in new}

    def approvers(self, but: set[str]) -> list[Person]:
        """Return two approvers who are not these users."""
        able = [one for one in self.people.values() if one.approver and one.user not in but]
        return self.log.rng.sample(able, APPROVERS)

    def change_keys(self) -> None:
        """Rotate somebody's key, or revoke one and enrol a new one."""
        person = self.people[self.log.rng.choice(list(self.people))]
        new = replace(person, pair=self.log.new_pair())
        if self.log.rng.random() < 0.5:
            key = person.pair.key_id
            self.enrol([new], "rotate_key", revokes=[key], reason="device lost")
            return
        self.revoke([person], self.approvers({person.user}))
        self.enrol([new])

    def revoke(self, lost: Sequence[Person], approvers: Sequence[Person]) -> None:
        """Let keys out."""
        since = self.log.now - timedelta(hours=self.log.rng.randrange(5))
        said = self.log.key_statement(
            "revoke_key",
            [each.as_signer("approver", "it is lost") for each in approvers],
            suspect_since=instant_text(since),
            revokes=[each.pair.key_id for each in lost],
            reason="device lost",
        )
        self.log.record_keys(said, approvers)

    def step(self, order: str) -> None:
        """Take one step that the rules allow."""
        length = self.log.story(order).length
        while self.log.story(order).length == length:
            with contextlib.suppress(CustodyConflict, NotNow):
                self.try_step(self.log.rng.choice(STEPS), order)

    def try_step(self, step: str, order: str) -> None:
        state = self.log.story(order).state
        if state.holder is None:
            self._begin(order)
        elif step == "conflict":
            self._contradict(order)
        elif step == "answer in conflict":
            self._answer_lost(order)
        elif step == "seal":
            self._seal(order)
        elif step == "offer":
            other = self.log.rng.choice([party for party in PARTIES if party != state.holder])
            self._say(step, order, state.holder, to=other, place=PLACE)
        elif step in {"accept", "refuse"}:
            self._answer(step, order)
        else:
            self._act(step, order, state.holder)

    def _begin(self, order: str) -> None:
        """Commission an order; now and then its identity is erased before."""
        if self.log.rng.random() < 0.1 and not self.log.story(order).state.erased:
            self._say("erase_identity", order, None, reason="asked for by the patient")
        else:
            self._say("commission", order, "maker", items=items_of(order), coi="ab" * 32)

    def _act(self, step: str, order: str, holder: str) -> None:
        rng, state = self.log.rng, self.log.story(order).state
        leaves = self.log.chain(order).leaves
        fields: dict[str, dict[str, Any]] = {
            "transfer_title": {"from": state.owner, "to": rng.choice(PARTIES)},
            "release": {"from": "maker", "shipment": f"U-{order}"},
            "depart": {"shipment": f"U-{order}"},
            "disposition": {"conditions": {"disposition": "release"}, "reason": "checked"},
            "correct": {"corrects": rng.choice(leaves).hex(), "reason": "a slip"},
            "pack": {
                "shipper": rng.choice(SHIPPERS),
                "waybill": "020-1",
                "seals": [f"S-{rng.randrange(9)}"],
                "remarks": rng.choice([None, "packed anew"]),
            },
            "return": {"shipper": rng.choice((*SHIPPERS, None)), "reason": "goes back"},
            "requalify": {
                "shipper": rng.choice(SHIPPERS),
                "conditions": {"requalified": rng.choice(("yes", "no"))},
                "reason": "looked at",
            },
            "condition": {"conditions": {"frost": "no"}, "remarks": "a bit “wet”\n"},
        }
        more = fields.get(step, {"place": PLACE, "reason": "it is so"})
        self._say(step, order, more.get("from", holder), **more)

    def _answer(self, step: str, order: str) -> None:
        offer = self.log.story(order).state.offer
        if offer is None:
            raise NotNow
        self._say(
            step,
            order,
            offer.receiver,
            **{"from": offer.giver, "to": offer.receiver},
            place=PLACE,
            answers=offer.statement,
            remarks=self.log.rng.choice([None, "box scratched"]) if step == "accept" else "no",
        )

    def _contradict(self, order: str) -> None:
        """Let a former holder say something who has not heard that it is one no longer."""
        story, chain = self.log.story(order), self.log.chain(order)
        sequence = self.log.rng.randrange(1, story.length + 1)
        former = story._states[sequence].holder
        if former is None or former == story.state.holder:
            raise NotNow
        seen = {"sequence": sequence, "hash": chain.leaves[sequence - 1].hex()}
        if self.log.rng.random() < 0.5:
            self._say("store", order, former, place=PLACE, seen=seen)
            return
        other = self.log.rng.choice([party for party in PARTIES if party != former])
        self.lost[order] = self._say("offer", order, former, to=other, seen=seen)

    def _answer_lost(self, order: str) -> None:
        """Let the receiver of an offer in conflict answer it, who has not heard of that."""
        lost = self.lost.pop(order, None)
        if lost is None or lost.to_party is None:
            raise NotNow
        step = self.log.rng.choice(("accept", "refuse"))
        answers = {"from": lost.from_party, "to": lost.to_party, "answers": statement_hash(lost)}
        self._say(step, order, lost.to_party, remarks="handed over in the basement", **answers)

    def _seal(self, order: str) -> None:
        shipment = f"U-{order}"
        legs = self.legs.setdefault(order, [])
        if legs and self.log.rng.random() < 0.3:
            number = self.log.rng.randrange(len(legs))
            begin, until, earlier = legs[number]
        else:
            number, earlier = len(legs), None
            begin = legs[-1][1] if legs else None
            until = max(self.log.now, begin or self.log.now)
        lines = self._lines(begin or until - timedelta(hours=1), until)
        root = LegRoot()
        root.add(lines)
        sealed = {
            "leg": number + 1,
            "from": None if begin is None else instant_text(begin),
            "until": instant_text(until),
            "count": root.count,
            "root": root.root().hex(),
            "earlier": earlier,
        }
        self._say("seal_readings", order, None, shipment=shipment, sealed=sealed)
        self.log.readings[len(self.log.entries) - 1] = write_file(lines)
        seal = (begin, until, self.log.leaves[-1].hex())
        legs[number : number + 1] = [seal]

    def _lines(self, begin: datetime, until: datetime) -> list[bytes]:
        rng = self.log.rng
        span = to_us(until) - to_us(begin)
        count = rng.randrange(5) if span > 0 else 0
        times = [to_us(begin) + rng.randrange(span) for _ in range(count)]
        values = np.full((count, len(CHANNELS)), np.nan)
        for row in range(count):
            values[row, : rng.randrange(1, len(CHANNELS))] = round(rng.uniform(-190, 40), 3)
        batch = ReadingBatch(
            logger=np.array([rng.randrange(2) for _ in range(count)], dtype=np.int64),
            time_us=np.array(times, dtype=np.int64),
            seq=np.array([rng.choice([NO_SEQ, row]) for row in range(count)], dtype=np.int64),
            received_us=np.zeros(count, dtype=np.int64),
            values=values,
        )
        serials = ["LOG-1", "LOG-2"]
        return lines_of(in_order(batch, serials), serials)

    def _say(self, kind: str, order: str, party: str | None, **fields: Any) -> Statement:
        if party is None:
            people = [self.people["sealer"]]
        else:
            both = [self.people[f"{party}-{number}"] for number in (1, 2)]
            people = both if self.log.rng.random() < 0.2 else [self.log.rng.choice(both)]
        said = self.log.statement(kind, order, people, **({"from": party} | fields))
        self.log.record(said, people)
        return said


class NotNow(Exception):
    """This step makes no sense here."""


def items_of(order: str) -> list[str]:
    """Return an order's two items."""
    return [f"04150000000013.{order}.1", f"04150000000013.{order}.2"]
