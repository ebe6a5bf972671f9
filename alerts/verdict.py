"""The judgement of one shipment at one moment; the rules are in `alerts.verdict_columns`."""

from dataclasses import dataclass
from enum import StrEnum

ENGINE = "1.0"
"""Version of the rules of judgement: another one may judge the same readings otherwise."""


class Outcome(StrEnum):
    """Did it stay cold."""

    WITHIN = "within"
    POSSIBLE = "possible"
    EXCURSION = "excursion"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one shipment at one moment.

    Attributes:
        outcome: The worst that the readings say, `indeterminate` where they say too little.
        covered_us: Time that the best covered series speaks for. `required_us`: time asked for.
        longest_gap_us: Longest unmonitored stretch of that series, 0 without any; the edges count.
        received: Readings of that series. `expected`: readings that the interval asks for.
        as_of_us: The moment, microseconds since 1970 UTC.
        engine: Version of the rules of judgement.
    """

    outcome: Outcome
    covered_us: int
    required_us: int
    longest_gap_us: int
    received: int
    expected: int
    as_of_us: int
    engine: str = ENGINE

    @property
    def coverage_pct(self) -> float:
        """Return the coverage, %, rounded down to hundredths: 94.999 is not 95."""
        if not self.required_us:
            return 100.0 if self.received else 0.0
        return self.covered_us * 10_000 // self.required_us / 100

    def document(self) -> dict[str, int | str]:
        """Return the verdict as integers and strings, for hashing and keeping."""
        return {
            "outcome": self.outcome.value,
            "covered_us": self.covered_us,
            "required_us": self.required_us,
            "longest_gap_us": self.longest_gap_us,
            "received": self.received,
            "expected": self.expected,
            "as_of_us": self.as_of_us,
            "engine": self.engine,
        }
