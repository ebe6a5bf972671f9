"""Offers that nobody answers: the giver waits, and between two parties nobody feels in charge."""

from datetime import datetime, timedelta

from custody.reading import custody_of
from store.alerts import Call, raise_alert, resolve_cause
from store.database import Session
from store.open_offers import OpenOffer, list_called_offers, list_open_offers


def call_about_offers(session: Session, *, after: timedelta, now: datetime) -> None:
    """Call for a human about each offer that waits too long; end the call once it is answered.

    Args:
        session: The transaction.
        after: How long an offer may wait.
        now: Aware.
    """
    waiting = [
        offer
        for offer in list_open_offers(session, before=now - after)
        if custody_of(session, offer.order_code).offer is not None
    ]
    for offer in waiting:
        raise_alert(session, _call(offer), now=now)
    still = {(offer.shipment_id, _rule(offer)) for offer in waiting}
    for shipment_id, rule_id in list_called_offers(session):
        if (shipment_id, rule_id) not in still:
            resolve_cause(
                session,
                shipment_id=shipment_id,
                kind="custody",
                rule_id=rule_id,
                reason="The offer was answered or taken back.",
                now=now,
            )


def _rule(offer: OpenOffer) -> str:
    return f"offer-{offer.order_code}"


def _call(offer: OpenOffer) -> Call:
    return Call(
        shipment_id=offer.shipment_id,
        kind="custody",
        rule_id=_rule(offer),
        severity="warning",
        headline=f"{offer.receiver_name} has not answered the offer of {offer.order_code}",
        detail=(
            f"{offer.giver_name} offered it on {offer.recorded_at:%d %b at %H:%M} UTC. Until it "
            f"is accepted, {offer.giver_name} holds it."
        ),
        first_step=f"Call {offer.receiver_name}: have it accepted or refused.",
    )
