"""What a therapy profile is made of: rules, clocks, playbook and checklist lines."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from schemas.statement import StatementKind


class TemperatureClass(StrEnum):
    """How cold the product is kept, in the words of the trade."""

    CRYOGENIC = "cryogenic"
    FROZEN = "frozen"
    REFRIGERATED = "refrigerated"
    ROOM = "room"


class Stage(StrEnum):
    """Where in its life the product is; limits differ by stage."""

    TRANSIT = "transit"
    STORAGE = "storage"
    THAWED = "thawed"
    IN_USE = "in_use"


class Channel(StrEnum):
    """A measured channel that a rule may watch."""

    TEMP_C = "temp_c"
    AMBIENT_C = "ambient_c"


class Severity(StrEnum):
    """How urgently somebody must look."""

    WARNING = "warning"
    CRITICAL = "critical"


class Side(StrEnum):
    """Which side of a limit is the wrong one."""

    ABOVE = "above"
    BELOW = "below"


def _decimal(value: object) -> object:
    """Return a whole number as a decimal; TOML tells -120 from -120.0, degrees do not."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def member(kind: type[StrEnum]) -> BeforeValidator:
    """Return what turns a string of the file into a member; strict models want the member."""
    return BeforeValidator(lambda value: _named(kind, value))


def _named(kind: type[StrEnum], value: object) -> object:
    return kind(value) if isinstance(value, str) and value in list(kind) else value


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Seconds = Annotated[int, Field(ge=0, le=366 * 86_400)]
Celsius = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=-273, le=200, decimal_places=3)]
Width = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=50, decimal_places=3)]


class Part(BaseModel):
    """A strict, frozen value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Source(Part):
    """Which document says so, and when it was read (labels change)."""

    document: Text
    read: Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])(-\d\d)?$")]
    clause: Text


class LimitRule(Part):
    """The channel must not be beyond a limit for `dwell_s` or longer (0: not even once).

    Exactly one of `above_c` and `below_c` is set. An excursion ends when the channel is back
    inside the limit by `hysteresis_c`.
    """

    id: Slug
    kind: Literal["limit"]
    channel: Annotated[Channel, member(Channel)] = Channel.TEMP_C
    stage: Annotated[Stage, member(Stage)] = Stage.TRANSIT
    above_c: Celsius | None = None
    below_c: Celsius | None = None
    dwell_s: Seconds
    hysteresis_c: Width
    severity: Annotated[Severity, member(Severity)]
    source: Text

    @model_validator(mode="after")
    def _has_one_side(self) -> Self:
        if (self.above_c is None) == (self.below_c is None):
            message = f"rule {self.id} needs exactly one of above_c and below_c"
            raise ValueError(message)
        return self

    @property
    def side(self) -> Side:
        """Return which side of the limit is the wrong one."""
        return Side.ABOVE if self.above_c is not None else Side.BELOW

    @property
    def sign(self) -> float:
        """Return +1 for an upper limit, -1 for a lower one."""
        return 1.0 if self.side is Side.ABOVE else -1.0

    @property
    def limit(self) -> float:
        """Return the limit, °C."""
        return float(self.above_c if self.above_c is not None else self.below_c or 0)


class SilenceRule(Part):
    """A logger under way says something at least every `expected_s`, give or take `grace_s`."""

    id: Slug
    kind: Literal["silence"]
    stage: Annotated[Stage, member(Stage)] = Stage.TRANSIT
    expected_s: Annotated[Seconds, Field(gt=0)]
    grace_s: Seconds
    severity: Annotated[Severity, member(Severity)]
    source: Text


Rule = Annotated[LimitRule | SilenceRule, Field(discriminator="kind")]


class Clock(Part):
    """Time allowed from a recorded step to the next one. Kept as data; not evaluated yet."""

    id: Slug
    starts_with: Slug
    ends_with: Slug
    within_s: Annotated[Seconds, Field(gt=0)]
    conditions: Text
    source: Text


class Play(Part):
    """What to do when a rule of one kind breaks: first this, then these."""

    first_step: Text
    steps: tuple[Text, ...] = Field(min_length=1, strict=False)


class Check(Part):
    """One line of a checklist. In a statement, every `no` needs a reason or remarks."""

    id: Slug
    question: Text
    expected: Literal["yes", "no", "text"]

    @property
    def key(self) -> str:
        """The key of its answer in a statement's conditions."""
        return self.id.replace("-", "_")


class Step(Part):
    """What a statement of one kind asks for: a checklist, and one or two people.

    Attributes:
        kind: Kind of the statement.
        at: Only at the place where the shipment is bound; None for everywhere.
        checklist: Name of the checklist to be answered.
        people: 2 asks for a confirmer and a verifier.
    """

    kind: Annotated[StatementKind, member(StatementKind)]
    at: Literal["destination"] | None = None
    checklist: Slug | None = None
    people: Annotated[int, Field(ge=1, le=2)] = 1
