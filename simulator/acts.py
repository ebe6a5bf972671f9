"""What people say about custody on a lane: one act of it, and the acts that come in pairs."""

from dataclasses import dataclass, field

from simulator.desks import Desk, desk_of
from simulator.places import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One statement to come.

    Attributes:
        key: Names the act within its shipment; makes its identifier.
        at_s: Lane time at which it is claimed to happen.
        giver: Party in `from`.
        receiver: Party in `to`.
        desk: Who signs.
        second: Who signs as well where the therapy asks for two people.
        conditions: Answers that differ from the expected ones, or that no checklist asks for.
        seals: Numbers that are read off the seals; None for those that were put on.
        answers: Key of the offer that is accepted or refused.
        shows_verdict: Whether the signer has the verdict on the screen.
        before_shipment: It is about the order; there is no shipment yet.
        late_s: How much later it is sent, because the device was out of reach.
        saw: Key of the last act that such a device had seen.
    """

    key: str
    kind: str
    at_s: float
    giver: str | None
    receiver: str | None = None
    place: str | None = None
    desk: Desk
    second: Desk | None = None
    meaning: str
    conditions: dict[str, str] = field(default_factory=dict)
    seals: tuple[str, ...] | None = None
    answers: str | None = None
    remarks: str | None = None
    reason: str | None = None
    shows_verdict: bool = False
    before_shipment: bool = False
    late_s: float = 0.0
    saw: str | None = None

    @property
    def sent_s(self) -> float:
        """Lane time at which the service gets it."""
        return self.at_s + self.late_s

    @property
    def desks(self) -> tuple[Desk, ...]:
        """Everybody who may have to sign."""
        return (self.desk,) if self.second is None else (self.desk, self.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Who gives to whom, where, and what is seen of the shipper from outside."""

    key: str
    giver: Party
    receiver: Party
    place: str
    conditions: dict[str, str] = field(default_factory=dict)


def offer(handover: Handover, at_s: float) -> Act:
    """Return the act of offering."""
    giver, receiver = handover.giver, handover.receiver
    return Act(
        key=f"offer-{handover.key}", kind="offer", at_s=at_s, giver=giver.id, receiver=receiver.id,
        place=handover.place, desk=desk_of(giver, "dispatch"),
        meaning=f"I offer the sealed shipper to {receiver.name}.", shows_verdict=True,
    )  # fmt: skip


def accept(
    handover: Handover,
    at_s: float,
    *,
    remarks: str | None = None,
    offered: str | None = None,
    late_s: float = 0.0,
) -> Act:
    """Return the act of accepting; a late one was signed out of reach, right after the offer.

    Args:
        handover: Who accepts from whom.
        at_s: Lane time at which it is signed.
        remarks: What is not as it should be.
        offered: Key of the handover whose offer is answered, if it is another one.
        late_s: How much later it is sent.
    """
    giver, receiver = handover.giver, handover.receiver
    answered = f"offer-{offered or handover.key}"
    return Act(
        key=f"accept-{handover.key}", kind="accept", at_s=at_s, giver=giver.id,
        receiver=receiver.id, place=handover.place, desk=desk_of(receiver, "receiving"),
        second=desk_of(receiver, "pharmacy"), conditions=handover.conditions, remarks=remarks,
        meaning=f"I take the shipper over from {giver.name} as described.", shows_verdict=True,
        answers=answered, late_s=late_s, saw=answered if late_s else None,
    )  # fmt: skip


def refuse(handover: Handover, at_s: float, seals: tuple[str, ...]) -> Act:
    """Return the act of refusing, because the seals bear other numbers than the waybill."""
    giver, receiver = handover.giver, handover.receiver
    return Act(
        key=f"refuse-{handover.key}", kind="refuse", at_s=at_s, giver=giver.id,
        receiver=receiver.id, place=handover.place, desk=desk_of(receiver, "hub"),
        conditions={**handover.conditions, "lid_seal_matches": "no"}, seals=seals,
        answers=f"offer-{handover.key}", meaning="I do not take the shipment over.",
        reason="The seal number on the lid is not the one on the air waybill.",
    )  # fmt: skip


def title(key: str, at_s: float, item_serial: str, seller: Party, buyer: Party) -> Act:
    """Return the act by which the title passes."""
    return Act(
        key=key, kind="transfer_title", at_s=at_s, giver=seller.id, receiver=buyer.id,
        desk=desk_of(seller, "contracts"),
        meaning=f"Title to {item_serial} passes from {seller.name} to {buyer.name}.",
    )  # fmt: skip
