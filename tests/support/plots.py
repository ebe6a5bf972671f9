"""Short courses of events that end in breach of one rule, or just not: chance finds them seldom.

Each goes on from wherever the order stands in a careless log, which records what may not follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from custody.canonical import statement_hash
from custody.state import CustodyState
from schemas.statement import Statement
from tests.support.careless_log import CarelessLog
from tests.support.signed_walk import PARTIES, PLACE, SHIPPERS, Walk, items_of

ORDER = "A-0"
BASEMENT = "handed over in the basement"


def plot(walk: Walk, log: CarelessLog) -> None:
    """Let one of the plots unfold."""
    _settle(walk)
    log.rng.choice(PLOTS)(walk, log)


def _state(walk: Walk) -> CustodyState:
    return walk.log.story(ORDER).state


def _holder(walk: Walk) -> str:
    return _state(walk).holder or "maker"


def _act(walk: Walk, kind: str, **fields: Any) -> Statement:
    """Let the holder say something."""
    return walk._say(kind, ORDER, _holder(walk), **({"place": PLACE} | fields))


def _settle(walk: Walk) -> None:
    """Bring the order to where it is held, and neither on offer nor under way."""
    if _state(walk).holder is None:
        walk._say("commission", ORDER, "maker", items=items_of(ORDER), coi="ab" * 32)
    offer = _state(walk).offer
    if offer is not None:
        walk._say("correct", ORDER, offer.giver, corrects=offer.entry, reason="taken back")
    if _state(walk).in_transit is not None:
        _act(walk, "arrive")


def _other(walk: Walk) -> str:
    return walk.log.rng.choice([each for each in PARTIES if each != _holder(walk)])


def _depart(walk: Walk) -> None:
    if f"U-{ORDER}" not in _state(walk).released:
        walk._say("release", ORDER, "maker", shipment=f"U-{ORDER}")
    _act(walk, "depart", shipment=f"U-{ORDER}")


def returned(walk: Walk, log: CarelessLog) -> None:
    """Use what went back, packed again or not."""
    _act(walk, "return", items=items_of(ORDER)[: log.rng.choice((0, 1))], reason="too warm")
    if log.rng.random() < 0.5:
        _act(walk, "pack", reason="packed again")
    _act(walk, log.rng.choice(("thaw", "infuse", "infuse", "pack")), items=items_of(ORDER)[:1])


def offered(walk: Walk, log: CarelessLog) -> None:
    """Use or waste what is on offer."""
    _act(walk, "offer", to=_other(walk))
    _act(walk, log.rng.choice(("infuse", "waste", "thaw")), reason="it thawed")


def under_way(walk: Walk, log: CarelessLog) -> None:
    """Use what is under way, or take it over from this shipment or another one."""
    _depart(walk)
    if log.rng.random() < 0.3:
        _act(walk, "infuse")
        return
    shipment = log.rng.choice((None, f"U-{ORDER}", "U-other", "U-other"))
    _hand_over(walk, _act(walk, "offer", to=_other(walk)), shipment=shipment)


def packed_again(walk: Walk, log: CarelessLog) -> None:
    """Pack what is packed already, with a word about it or none."""
    _act(walk, "pack", shipper="8003-1", waybill="020-1", seals=["S-1"], reason="as planned")
    numbers: dict[str, Any] = log.rng.choice(
        ({"shipper": "8003-2"}, {"waybill": "020-2"}, {"seals": ["S-2"]}, {"seals": ["S-1"]})
    )
    _act(walk, "pack", reason=log.rng.choice((None, "a seal broke")), **numbers)


def empty_shipper(walk: Walk, log: CarelessLog) -> None:
    """Send back a shipper that the order came in, or another one."""
    if log.rng.random() < 0.7:
        _act(walk, "pack", shipper=log.rng.choice(SHIPPERS), reason="as planned")
        _act(walk, "open")
    _act(walk, "return", shipper=log.rng.choice(SHIPPERS), reason="empty")


def erased(walk: Walk, log: CarelessLog) -> None:
    """Erase an identity, which may be erased already."""
    for _ in range(log.rng.choice((1, 2))):
        walk._say("erase_identity", ORDER, None, reason="asked for")


def unheard(walk: Walk, log: CarelessLog) -> None:
    """Let a former holder speak who has not heard of a handover, and does or does not say so."""
    seen, former = log.chain(ORDER).seen, _holder(walk)
    _hand_over(walk, _act(walk, "offer", to=_other(walk)))
    said = log.statement(
        "store", ORDER, [walk.people[f"{former}-1"]], seen=seen, **{"from": former}
    )
    marked = log.story(ORDER).place(said).conflict_with
    log.marked = (marked,)
    walk._say("store", ORDER, former, seen=log.rng.choice((None, None, seen)))


def basement(walk: Walk, log: CarelessLog) -> None:
    """Answer what is not on offer: another offer was accepted meanwhile, or this very one."""
    seen, former = log.chain(ORDER).seen, _holder(walk)
    to = _other(walk)
    sound = _act(walk, "offer", to=to)
    sound_entry = log.leaves[-1]
    _hand_over(walk, sound)
    kind = log.rng.choice(("offer", "offer", "offer", "store"))
    lost = walk._say(kind, ORDER, former, to=to, seen=seen)
    lost_entry = log.leaves[-1]
    said, entry = log.rng.choice(((lost, lost_entry), (lost, lost_entry), (sound, sound_entry)))
    log.marked = log.rng.choice(((), (entry,), (entry,), (None,), (lost_entry,)))
    fields = {"from": former, "to": to, "answers": statement_hash(said), "remarks": BASEMENT}
    answer = log.rng.choice(("accept", "refuse", "accept", "refuse", "depart"))
    if answer == "depart":
        walk._say(answer, ORDER, former, **fields, shipment="U-other")
    else:
        walk._say(answer, ORDER, to, **fields)


def alike(walk: Walk, log: CarelessLog) -> None:
    """Let somebody approve who has two users, told apart by capitals only."""
    one, *others = (each for each in walk.people.values() if each.approver)
    other = replace(one, user=one.user.swapcase(), pair=log.new_pair())
    new = [replace(other, user="new", pair=log.new_pair())]
    match log.rng.randrange(4):
        case 0:
            walk.enrol([other], approvers=[one, others[0]])
        case 1:
            walk.enrol([other], approvers=others[:2])
            walk.enrol(new, approvers=[one, other])
        case 2:
            walk.enrol([other], approvers=others[:2])
            walk.revoke(others, approvers=[one, others[0]])
        case _:
            walk.enrol(new, approvers=[one, others[0]])
            walk.revoke(others, approvers=[one, others[0]])


def _hand_over(walk: Walk, offer: Statement, **fields: Any) -> None:
    ends = {"from": offer.from_party, "to": offer.to_party}
    answers = statement_hash(offer)
    walk._say("accept", ORDER, offer.to_party, **ends, answers=answers, place=PLACE, **fields)


PLOTS: Sequence[Callable[[Walk, CarelessLog], None]] = (
    *(
        returned,
        returned,
        offered,
        under_way,
        under_way,
        packed_again,
        empty_shipper,
        erased,
        unheard,
    ),
    *(basement, basement, basement, alike, alike),
)
