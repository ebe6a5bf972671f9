"""The limits that each series is held to, as aligned columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from alerts.batch import BoolArray
from schemas.errors import ProfileError
from schemas.profile import Profile
from schemas.profile_parts import Channel, LimitRule, Stage
from schemas.reading import FloatArray, IntArray

SECOND_US = 1_000_000

SOFT, NOMINAL, HARD = 0, 1, 2
"""Where a limit is looked at: nearer by the accuracy, as written, farther by the accuracy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Limits of k series in S slots; a series with fewer rules leaves its last slots empty.

    A lower limit is held as the upper limit of the negated channel: `sign` is -1 there.

    Attributes:
        rules: The rules of each series in slot order, length k.
        sign: +1 above, -1 below, shape (k, S).
        limit: `sign` x limit, NaN in an empty slot, shape (k, S), °C.
        hysteresis: How far inside the limit an excursion ends, shape (k, S), °C.
        dwell_us: Monitored time beyond the limit that makes an excursion, shape (k, S).
        accuracy: ± of the logger, shape (k,), °C.
        max_gap_us: A reading speaks until the next one if that comes within this, shape (k,).

    Raises:
        ProfileError: An accuracy is negative or not finite.
    """

    rules: tuple[tuple[LimitRule, ...], ...]
    sign: FloatArray
    limit: FloatArray
    hysteresis: FloatArray
    dwell_us: IntArray
    accuracy: FloatArray
    max_gap_us: IntArray

    def __post_init__(self) -> None:
        if not bool((np.isfinite(self.accuracy) & (self.accuracy >= 0)).all()):
            message = "the accuracy of a logger must be a number of °C, 0 or more"
            raise ProfileError(message)

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def slots(self) -> int:
        """Return how many rules the series with most rules has."""
        return int(self.limit.shape[1])

    @property
    def filled(self) -> BoolArray:
        """Return which slots hold a rule, shape (k, S)."""
        return ~np.isnan(self.limit)

    def thresholds(self, level: int) -> FloatArray:
        """Return the limits as looked at on one level (`SOFT`, `NOMINAL`, `HARD`), shape (k, S)."""
        return self.limit + (level - NOMINAL) * self.accuracy[:, None]

    @classmethod
    def from_profile(
        cls,
        profile: Profile,
        *,
        accuracy_c: Sequence[float] | FloatArray,
        channel: Channel = Channel.TEMP_C,
        stage: Stage = Stage.TRANSIT,
    ) -> Self:
        """Return the limits of one profile for as many series as there are accuracies."""
        return cls.from_profiles(
            [profile] * len(accuracy_c), accuracy_c=accuracy_c, channel=channel, stage=stage
        )

    @classmethod
    def from_profiles(
        cls,
        profiles: Sequence[Profile],
        *,
        accuracy_c: Sequence[float] | FloatArray,
        channel: Channel = Channel.TEMP_C,
        stage: Stage = Stage.TRANSIT,
    ) -> Self:
        """Return the limits of k series, each under its own profile.

        Args:
            profiles: Profile of each series, length k. Only `limit` rules of the channel and
                stage are taken.
            accuracy_c: ± of each series' logger, length k, °C, 0 or more.
            channel: The channel that the batches will carry.
            stage: The stage that the series are in.

        Raises:
            ProfileError: Lengths differ, or an accuracy is not a number of 0 or more.
        """
        if len(profiles) != len(accuracy_c):
            message = f"{len(profiles)} profiles for {len(accuracy_c)} accuracies"
            raise ProfileError(message)
        # Many series share few profiles: each is read once and its row handed out by index.
        kinds = {id(profile): profile for profile in profiles}
        place = {key: row for row, key in enumerate(kinds)}
        pick = np.array([place[id(profile)] for profile in profiles], dtype=np.int64)
        limits = [profile.limit_rules(channel, stage) for profile in kinds.values()]
        slots = max((len(rules) for rules in limits), default=0)
        gaps = [profile.max_gap_s * SECOND_US for profile in kinds.values()]
        return cls(
            rules=tuple(limits[row] for row in pick),
            sign=_column(limits, slots, 1.0, lambda rule: rule.sign)[pick],
            limit=_column(limits, slots, np.nan, lambda rule: rule.sign * rule.limit)[pick],
            hysteresis=_column(limits, slots, 0.0, lambda rule: float(rule.hysteresis_c))[pick],
            dwell_us=_column(limits, slots, 0, lambda rule: rule.dwell_s * SECOND_US).astype(
                np.int64
            )[pick],
            accuracy=np.asarray(accuracy_c, dtype=np.float64),
            max_gap_us=np.array(gaps, dtype=np.int64)[pick],
        )


def _column(
    limits: Sequence[tuple[LimitRule, ...]],
    slots: int,
    empty: float,
    read: Callable[[LimitRule], float],
) -> FloatArray:
    """Return one property of every rule, shape (profiles, slots), `empty` where there is none."""
    column = np.full((len(limits), slots), empty, dtype=np.float64)
    for row, rules in enumerate(limits):
        column[row, : len(rules)] = [read(rule) for rule in rules]
    return column
