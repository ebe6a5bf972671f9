"""What pages show of a stored profile, read from its canonical document."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

TRANSIT = "transit"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """One rule in °C and seconds; what a kind does not have is None."""

    id: str
    kind: str
    stage: str
    severity: str
    source: str
    channel: str | None
    above_c: float | None
    below_c: float | None
    dwell_s: int | None
    hysteresis_c: float | None
    expected_s: int | None
    grace_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFacts:
    """A profile's limits in transit (°C, None where there is none), its gap, rules and source."""

    id: str
    name: str
    version: int
    low_c: float | None
    high_c: float | None
    max_gap_s: int
    minimum_coverage_pct: int
    note: str
    source: str
    source_clause: str
    source_read: str
    rules: tuple[RuleFacts, ...]


@lru_cache(maxsize=256)
def profile_facts(document: bytes) -> ProfileFacts:
    """Return the facts of a canonical profile document (RFC 8785; milli-degrees, seconds)."""
    profile: dict[str, Any] = json.loads(document)
    rules = tuple(_rule(one) for one in profile["rules"])
    of_product = [one for one in rules if one.channel == "temp_c" and one.stage == TRANSIT]
    return ProfileFacts(
        id=profile["id"],
        name=profile["name"],
        version=profile["version"],
        low_c=max((one.below_c for one in of_product if one.below_c is not None), default=None),
        high_c=min((one.above_c for one in of_product if one.above_c is not None), default=None),
        max_gap_s=profile["max_gap_s"],
        minimum_coverage_pct=profile["minimum_coverage_pct"],
        note=profile["note"],
        source=profile["source"]["document"],
        source_clause=profile["source"]["clause"],
        source_read=profile["source"]["read"],
        rules=rules,
    )


def _rule(rule: dict[str, Any]) -> RuleFacts:
    return RuleFacts(
        id=rule["id"],
        kind=rule["kind"],
        stage=rule["stage"],
        severity=rule["severity"],
        source=rule["source"],
        channel=rule.get("channel"),
        above_c=_degrees(rule.get("above_mc")),
        below_c=_degrees(rule.get("below_mc")),
        dwell_s=rule.get("dwell_s"),
        hysteresis_c=_degrees(rule.get("hysteresis_mc")),
        expected_s=rule.get("expected_s"),
        grace_s=rule.get("grace_s"),
    )


def _degrees(millis: int | None) -> float | None:
    return None if millis is None else millis / 1000
