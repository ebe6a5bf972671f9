"""A therapy's profile: limits, silence, clocks, playbook and checklists, as data.

A profile is a TOML file in `schemas/therapies/`. Once used it never changes: it is known by the
SHA-256 of its canonical document (RFC 8785, integers and strings only), and a change is a new
version. Temperatures are decimal degrees in the file and milli-degrees in the document.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Annotated, Self

import rfc8785
from pydantic import Field, StringConstraints, ValidationError, model_validator

from schemas.errors import ProfileError
from schemas.milli_degrees import in_degrees, in_milli_degrees
from schemas.profile_parts import (
    Channel,
    Check,
    Clock,
    LimitRule,
    Part,
    Play,
    Rule,
    Seconds,
    Side,
    SilenceRule,
    Slug,
    Source,
    Stage,
    Step,
    TemperatureClass,
    Text,
    member,
)

EVALUATED_KINDS = ("limit", "silence")
"""Kinds of rule that this version evaluates. Any other is refused: never read and then ignored."""


class Profile(Part):
    """What one therapy asks of its transport. Not for clinical use.

    Label facts are the limits, `handling` and `clocks`; dwell, hysteresis, gaps, coverage,
    intervals, playbook and checklists are settings of the programme, and say so in `settings`.
    """

    id: Slug
    name: Text
    modality: Text
    version: Annotated[int, Field(ge=1)]
    temperature_class: Annotated[TemperatureClass, member(TemperatureClass)]
    note: Annotated[Text, StringConstraints(pattern=r"(?i)not for clinical use")]
    settings: Text
    source: Source
    handling: tuple[Text, ...] = Field(default=(), strict=False)
    logging_interval_s: Annotated[Seconds, Field(gt=0)]
    max_gap_s: Annotated[Seconds, Field(gt=0)]
    minimum_coverage_pct: Annotated[int, Field(ge=1, le=100)]
    rules: tuple[Rule, ...] = Field(min_length=1, strict=False)
    clocks: tuple[Clock, ...] = Field(default=(), strict=False)
    playbook: dict[str, Play]
    checklists: dict[Slug, Annotated[tuple[Check, ...], Field(min_length=1, strict=False)]]
    steps: Annotated[tuple[Step, ...], Field(strict=False)] | None = None

    @model_validator(mode="after")
    def _does_not_contradict_itself(self) -> Self:
        for contradiction in _contradictions(self):
            raise ValueError(contradiction)
        return self

    def limit_rules(self, channel: Channel, stage: Stage) -> tuple[LimitRule, ...]:
        """Return the limits of one channel in one stage, in the order of the file."""
        return tuple(
            rule
            for rule in self.rules
            if isinstance(rule, LimitRule) and rule.channel is channel and rule.stage is stage
        )

    def silence_rule(self, stage: Stage = Stage.TRANSIT) -> SilenceRule | None:
        """Return the rule on silence in one stage, or None where there is none."""
        rules = (rule for rule in self.rules if isinstance(rule, SilenceRule))
        return next((rule for rule in rules if rule.stage is stage), None)


def limits_c(
    profile: Profile, stage: Stage = Stage.TRANSIT, channel: Channel = Channel.TEMP_C
) -> tuple[float | None, float | None]:
    """Return the tightest lower and upper limit of a stage, °C; None where there is no limit."""
    rules = profile.limit_rules(channel, stage)
    low = [rule.limit for rule in rules if rule.side is Side.BELOW]
    high = [rule.limit for rule in rules if rule.side is Side.ABOVE]
    return max(low, default=None), min(high, default=None)


def _contradictions(profile: Profile) -> Iterator[str]:
    """Yield a sentence for each way in which the profile contradicts itself."""
    ids = [rule.id for rule in profile.rules]
    if len(set(ids)) < len(ids):
        yield "two rules have the same id"
    for kind in sorted({rule.kind for rule in profile.rules} - set(profile.playbook)):
        yield f"there are {kind} rules, but the playbook does not say what to do about them"
    if profile.logging_interval_s > profile.max_gap_s:
        yield (
            f"a reading every {profile.logging_interval_s} s can never satisfy "
            f"a max_gap_s of {profile.max_gap_s}"
        )
    silent = [rule.stage for rule in profile.rules if isinstance(rule, SilenceRule)]
    if len(set(silent)) < len(silent):
        yield "one stage has two silence rules"
    named = {step.checklist for step in profile.steps or () if step.checklist is not None}
    for name in sorted(named - set(profile.checklists)):
        yield f"a step asks for the checklist {name}, which there is not"
    asked = [(step.kind, step.at) for step in profile.steps or ()]
    if len(set(asked)) < len(asked):
        yield "two steps are of the same kind and place"
    yield from _limit_contradictions(profile)


def _limit_contradictions(profile: Profile) -> Iterator[str]:
    """Yield a sentence for each pair of limits that no temperature satisfies."""
    for channel in Channel:
        for stage in Stage:
            low, high = limits_c(profile, stage, channel)
            if low is not None and high is not None and low >= high:
                yield f"in {stage} the low limit {low:g} °C is not below the high limit {high:g} °C"
    _, high = limits_c(profile)
    cold = profile.temperature_class in {TemperatureClass.CRYOGENIC, TemperatureClass.FROZEN}
    if cold and (high is None or high >= 0):
        yield f"a {profile.temperature_class} product needs an upper limit below 0 °C in transit"
    if not profile.limit_rules(Channel.TEMP_C, Stage.TRANSIT):
        yield "no rule limits the product temperature in transit"


def profile_document(profile: Profile) -> bytes:
    """Return the canonical bytes of a profile: RFC 8785, integers and strings only.

    Degrees become milli-degrees and their fields end in `_mc`; what is not set is left out.
    """
    # mypy: the package's own type of a JSON value is private.
    return rfc8785.dumps(in_milli_degrees(profile.model_dump(exclude_none=True)))  # type: ignore[arg-type]


def profile_sha256(profile: Profile) -> str:
    """Return the SHA-256 of the canonical document, 64 hexadecimal digits: the profile's name."""
    return hashlib.sha256(profile_document(profile)).hexdigest()


def parse_profile(text: str, *, name: str = "profile") -> Profile:
    """Return the profile that a TOML text describes.

    Args:
        text: The file's contents.
        name: What to call it in an error.

    Raises:
        ProfileError: The text is not TOML, has an unknown or missing field, a value out of
            range, a kind of rule that is not evaluated, or contradicts itself.
    """
    try:
        document = tomllib.loads(text, parse_float=Decimal)
        _refuse_unevaluated_rules(document)
        return Profile.model_validate(document)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        message = f"{name}: {_sentence(error)}"
        raise ProfileError(message) from error
    except ProfileError as error:
        message = f"{name}: {error}"
        raise ProfileError(message) from error


def _refuse_unevaluated_rules(document: Mapping[str, object]) -> None:
    """Raise for a rule that would be read and then ignored; say why where there is a reason.

    Source: USP <1079.2> covers controlled room temperature and 2-8 °C only.
    """
    rules = document.get("rules")
    for rule in rules if isinstance(rules, list) else ():
        kind = rule.get("kind") if isinstance(rule, dict) else None
        if kind == "mkt" and document.get("temperature_class") in {"cryogenic", "frozen"}:
            message = (
                "mean kinetic temperature is refused for frozen product: USP <1079.2> defines it "
                "for 2-8 °C and controlled room temperature only, and the Arrhenius "
                "average says nothing about thawing"
            )
            raise ProfileError(message)
        if kind not in EVALUATED_KINDS:
            message = f"a rule of kind {kind!r} is not evaluated by this version; remove it"
            raise ProfileError(message)


def _sentence(error: tomllib.TOMLDecodeError | ValidationError) -> str:
    """Return the first thing that is wrong, and where."""
    if isinstance(error, tomllib.TOMLDecodeError):
        return f"this is not TOML: {error}"
    first = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    what = first["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def load_profiles() -> list[Profile]:
    """Return the profiles that come with the program, ordered by therapy id.

    Raises:
        ProfileError: A file is wrong, or is not named after its therapy.
    """
    profiles = []
    for entry in files("schemas").joinpath("therapies").iterdir():
        if entry.name.endswith(".toml"):
            profile = parse_profile(entry.read_text(encoding="utf-8"), name=entry.name)
            if entry.name != f"{profile.id}.toml":
                message = f"{entry.name}: the file of {profile.id} must be named after it"
                raise ProfileError(message)
            profiles.append(profile)
    return sorted(profiles, key=lambda profile: profile.id)


def profile_from_document(document: bytes) -> Profile:
    """Return the profile whose canonical document this is: the inverse of `profile_document`.

    Raises:
        ProfileError: The bytes are not the canonical document of a profile.
    """
    try:
        profile = Profile.model_validate(in_degrees(json.loads(document)))
    except (ValueError, ValidationError) as error:
        message = f"this is not a profile document: {error}"
        raise ProfileError(message) from error
    if profile_document(profile) != document:
        raise ProfileError("this is not the canonical document of a profile")
    return profile
