"""From a broken rule to a call for a human, in words."""

from datetime import datetime

from alerts.findings import Certainty, Excursion
from alerts.sentences import duration, excursion_headline, excursion_sentence
from schemas.instants import to_us
from schemas.profile import Profile
from store.alerts import Call
from store.watches import Watch

_LATE_US = 120_000_000


def call_for(excursion: Excursion, watch: Watch, profile: Profile, *, now: datetime) -> Call:
    """Return the call that an excursion makes."""
    late_us = to_us(now) - excursion.last_us
    words = [f"{watch.shipment_code} · {profile.name}.", excursion_sentence(excursion)]
    if late_us > _LATE_US:
        words.append(f"Last measured {duration(late_us)} before it was received.")
    certain = excursion.certainty is Certainty.CONFIRMED
    return Call(
        shipment_id=watch.shipment_id,
        kind="limit",
        rule_id=excursion.rule_id,
        severity=excursion.severity.value if certain else "warning",
        headline=excursion_headline(excursion),
        detail=" ".join(words),
        first_step=profile.playbook["limit"].first_step,
        subject_id=excursion.id,
    )
