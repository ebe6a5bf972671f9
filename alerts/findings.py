"""What detection reports: excursions as records, and as values with a lasting identity."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import numpy as np

from alerts.rules import NOMINAL, RuleSet
from alerts.state import Records
from schemas.profile_parts import Severity, Side

FINDING = np.dtype(
    [
        ("series", "<i8"),
        ("slot", "<i8"),
        ("anchor_us", "<i8"),
        ("ordinal", "<i8"),
        ("level", "<i8"),
        ("confirmed", "?"),
        ("running", "?"),
        ("started_us", "<i8"),
        ("ended_us", "<i8"),
        ("last_us", "<i8"),
        ("duration_us", "<i8"),
        ("unmonitored_us", "<i8"),
        ("excess_mc_ms", "<i8"),
        ("reading_count", "<i8"),
        ("peak", "<f8"),
    ]
)
"""An excursion in its form of now. (series, slot, anchor_us, ordinal) is its identity: the start of
the soft run that it belongs to, and how many excursions of that run came before it. `peak` is of
the unsigned channel; `ended_us` is `last_us` while `running`."""

KEY = ["series", "slot", "anchor_us", "ordinal"]


class Certainty(StrEnum):
    """Whether the logger's accuracy leaves a doubt that the limit was passed."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excursion:
    """A maximal interval in which a limit is broken.

    Attributes:
        id: Same for the same excursion, however it grew and whenever it was found.
        shipment: Natural key, as given to `name_excursions`. `logger`: likewise.
        certainty: Confirmed beyond the logger's accuracy, or possible within it.
        limit_c: The rule's limit, °C. `side`: which side of it is wrong.
        threshold_c: The limit as looked at, °C: `limit_c`, or nearer by `accuracy_c` where only
            that was passed long enough. Start, end, duration and excess are of this threshold.
        started_us: Microseconds since 1970 UTC. `ended_us`: None while running. `last_us`: the
            last reading inside.
        peak_c: The value farthest beyond.
        duration_us: Monitored time beyond. `unmonitored_us`: time across gaps inside.
        excess_mc_ms: Integral of the excess, milli-°C x milliseconds.
    """

    id: UUID
    shipment: str
    logger: str
    rule_id: str
    severity: Severity
    certainty: Certainty
    side: Side
    limit_c: float
    threshold_c: float
    accuracy_c: float
    started_us: int
    ended_us: int | None
    last_us: int
    peak_c: float
    duration_us: int
    unmonitored_us: int
    excess_mc_ms: int
    reading_count: int


def excursion_id(shipment: str, logger: str, rule_id: str, anchor_us: int, ordinal: int) -> UUID:
    """Return the identity of an excursion: the same facts give the same UUID for ever."""
    facts = ("excursion/1", shipment, logger, rule_id, str(anchor_us), str(ordinal))
    digest = hashlib.sha256(b"".join(f"{len(fact)}:{fact}".encode() for fact in facts)).digest()
    return UUID(bytes=digest[:16], version=5)


def name_excursions(
    findings: Records, rules: RuleSet, names: Sequence[tuple[str, str]]
) -> list[Excursion]:
    """Return findings as values, in the same order.

    Args:
        findings: `FINDING` records.
        rules: The rules they were found with.
        names: (shipment, logger) of each series: what their identity is made of.
    """
    return [_excursion(finding, rules, names) for finding in findings]


def _excursion(finding: np.void, rules: RuleSet, names: Sequence[tuple[str, str]]) -> Excursion:
    series, slot = int(finding["series"]), int(finding["slot"])
    shipment, logger = names[series]
    rule = rules.rules[series][slot]
    accuracy = float(rules.accuracy[series])
    nearer = rule.sign * accuracy * (int(finding["level"]) - NOMINAL)
    return Excursion(
        id=excursion_id(
            shipment, logger, rule.id, int(finding["anchor_us"]), int(finding["ordinal"])
        ),
        shipment=shipment,
        logger=logger,
        rule_id=rule.id,
        severity=rule.severity,
        certainty=Certainty.CONFIRMED if finding["confirmed"] else Certainty.POSSIBLE,
        side=rule.side,
        limit_c=rule.limit,
        threshold_c=rule.limit + nearer,
        accuracy_c=accuracy,
        started_us=int(finding["started_us"]),
        ended_us=None if finding["running"] else int(finding["ended_us"]),
        last_us=int(finding["last_us"]),
        peak_c=float(finding["peak"]),
        duration_us=int(finding["duration_us"]),
        unmonitored_us=int(finding["unmonitored_us"]),
        excess_mc_ms=int(finding["excess_mc_ms"]),
        reading_count=int(finding["reading_count"]),
    )
