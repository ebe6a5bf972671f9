"""What people assert about custody: the statement, whose canonical bytes the ledger hashes.

A statement is what its signer saw and said, so nothing here is normalised or filled in: text that
goes in comes out as it was. Times and identifiers stay text, because text is what is hashed.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class StatementKind(StrEnum):
    """Everything that may be said in the ledger (domain.md section 5)."""

    COMMISSION = "commission"
    PACK = "pack"
    CONDITION = "condition"
    RELEASE = "release"
    OFFER = "offer"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DEPART = "depart"
    ARRIVE = "arrive"
    STORE = "store"
    INSPECT = "inspect"
    OPEN = "open"
    THAW = "thaw"
    INFUSE = "infuse"
    WASTE = "waste"
    RETURN = "return"
    REQUALIFY = "requalify"
    TRANSFER_TITLE = "transfer_title"
    SEAL_READINGS = "seal_readings"
    HOLD = "hold"
    DISPOSITION = "disposition"
    CORRECT = "correct"


class Disposition(StrEnum):
    """What QA decided about held items; stands in `conditions["disposition"]`."""

    RELEASE = "release"
    RELEASE_WITH_DEVIATION = "release_with_deviation"
    REJECT = "reject"


def _is_an_instant(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _is_ordered_set(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        message = "the same value stands here twice"
        raise ValueError(message)
    return values


_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
UtcMillis = Annotated[
    str,
    Field(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}\.[0-9]{{3}}Z$"),
    AfterValidator(_is_an_instant),
]
"""RFC 3339, UTC, exactly three decimals: `2026-11-21T23:28:27.000Z`."""

Identifier = Annotated[str, Field(pattern="^[!-~](?:[ -~]{0,88}[!-~])?$")]
"""1 to 90 printable ASCII characters, no blank at either end: codes, serials, party ids, names."""

Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
"""What a person wrote; line feed and tab are the only control characters."""

HashHex = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 as 64 lower-case hexadecimal digits."""

StatementId = Annotated[
    str, Field(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
Gln = Annotated[str, Field(pattern="^[0-9]{13}$")]
ConditionKey = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$")]
Distinct = Field(default=(), max_length=200, strict=False)
Identifiers = Annotated[tuple[Identifier, ...], AfterValidator(_is_ordered_set)]

_NEEDS: Mapping[StatementKind, tuple[str, ...]] = {
    StatementKind.COMMISSION: ("from", "items"),
    StatementKind.PACK: ("from",),
    StatementKind.RELEASE: ("shipment",),
    StatementKind.OFFER: ("from", "to"),
    StatementKind.ACCEPT: ("to",),
    StatementKind.REFUSE: ("to", "explanation"),
    StatementKind.DEPART: ("from", "shipment"),
    StatementKind.ARRIVE: ("from", "place"),
    StatementKind.STORE: ("from",),
    StatementKind.OPEN: ("from",),
    StatementKind.THAW: ("from",),
    StatementKind.INFUSE: ("from",),
    StatementKind.WASTE: ("from", "explanation"),
    StatementKind.RETURN: ("from", "explanation"),
    StatementKind.REQUALIFY: ("shipper",),
    StatementKind.TRANSFER_TITLE: ("from", "to"),
    StatementKind.HOLD: ("explanation",),
    StatementKind.DISPOSITION: ("explanation",),
    StatementKind.CORRECT: ("corrects", "reason"),
}
"""What a kind cannot do without. "explanation" is a reason or a remark."""


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", serialize_by_alias=True, allow_inf_nan=False
    )


class ShownVerdict(_Strict):
    """The verdict that was on the signer's screen."""

    outcome: Literal["within", "possible", "excursion", "indeterminate"]
    version: int = Field(ge=0, lt=2**53)


class Statement(_Strict):
    """One assertion by one signer about one order.

    Whoever acts is `from`; for `accept` and `refuse` it is `to`, the receiver. No `items` means
    all of the order's items. Signatures are not part of a statement: they are made over its
    canonical bytes and stand beside them in the ledger entry.

    Attributes:
        v: Version of this form.
        id: Chosen by the client, so that sending twice records once.
        claimed_at: When the signer says it happened.
        conditions: Checklist: `yes`, `no`, `na`, or text. A `no` needs a reason or a remark.
        meaning: What the signature means, as the signer read it.
        corrects: Entry hash of the entry that a `correct` statement corrects.
    """

    v: int = Field(default=1, ge=1, le=1)
    id: StatementId
    kind: StatementKind = Field(strict=False)
    order: Identifier
    shipment: Identifier | None = None
    items: Identifiers = Distinct
    shipper: Identifier | None = None
    seals: Identifiers = Distinct
    from_party: Identifier | None = Field(default=None, alias="from")
    to_party: Identifier | None = Field(default=None, alias="to")
    place: Gln | None = None
    claimed_at: UtcMillis
    conditions: dict[ConditionKey, Text] = Field(default_factory=dict, max_length=100)
    verdict: ShownVerdict | None = None
    meaning: Text
    signer: Identifier
    remarks: Text | None = None
    corrects: HashHex | None = None
    reason: Text | None = None

    @property
    def actor(self) -> str | None:
        """The party that acts: the receiver of an accept or refuse, else the giver."""
        if self.kind in {StatementKind.ACCEPT, StatementKind.REFUSE}:
            return self.to_party
        return self.from_party

    @property
    def explanation(self) -> str | None:
        """The reason, or the remarks where no reason stands."""
        return self.reason or self.remarks

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        has = {
            "from": self.from_party,
            "to": self.to_party,
            "items": self.items,
            "place": self.place,
            "shipment": self.shipment,
            "shipper": self.shipper,
            "corrects": self.corrects,
            "reason": self.reason,
            "explanation": self.explanation,
        }
        missing = [name for name in _NEEDS.get(self.kind, ()) if not has[name]]
        if missing:
            wanted = " and ".join(missing).replace("explanation", "a reason or remarks")
            message = f"a statement of kind {self.kind} needs {wanted}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        refused = sorted(key for key, value in self.conditions.items() if value == "no")
        if refused and self.explanation is None:
            message = f"“no” at {', '.join(refused)} needs a reason or remarks"
            raise ValueError(message)
        decided = self.conditions.get("disposition")
        if self.kind is StatementKind.DISPOSITION and decided not in set(Disposition):
            message = f"conditions.disposition must be one of {', '.join(Disposition)}"
            raise ValueError(message)
        return self
