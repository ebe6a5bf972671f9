"""From a broken rule to a call for a human, in words."""

from datetime import datetime

from alerts.findings import Certainty, Excursion
from alerts.sentences import duration, excursion_headline, limit_degrees
from schemas.instants import from_us, to_us
from schemas.profile import Profile
from store.alerts import Call
from store.watches import Watch

_LATE_US = 120_000_000


def call_for(excursion: Excursion, watch: Watch, profile: Profile, *, now: datetime) -> Call:
    """Return the call that an excursion makes."""
    certain = excursion.certainty is Certainty.CONFIRMED
    late_us = to_us(now) - excursion.last_us
    words = [f"{watch.shipment_code} · {profile.name}.", _since(excursion)]
    if not certain:
        words.append("Within the logger's accuracy: possible, not certain.")
    if late_us > _LATE_US:
        words.append(f"Last measured {duration(late_us)} before it was received.")
    return Call(
        shipment_id=watch.shipment_id,
        kind="limit",
        rule_id=excursion.rule_id,
        severity=excursion.severity.value if certain else "warning",
        headline=excursion_headline(excursion),
        detail=" ".join(words),
        first_step=profile.playbook["limit"].first_step,
        subject_id=excursion.id,
        last_at=from_us(excursion.last_us),
    )


def _since(excursion: Excursion) -> str:
    """Say when; how far and for how long the headline says."""
    beyond = f"{excursion.side.value.capitalize()} {limit_degrees(excursion.limit_c)}"
    since = f"{from_us(excursion.started_us):%H:%M}"
    if excursion.ended_us is None:
        return f"{beyond} since {since} UTC."
    return f"{beyond} from {since} to {from_us(excursion.ended_us):%H:%M} UTC."
