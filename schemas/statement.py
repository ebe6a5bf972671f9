"""What people assert about custody: the statement, whose canonical bytes the ledger hashes.

A statement is what its signer saw and said, so nothing here is normalised or filled in: text that
goes in comes out as it was. Times and identifiers stay text, because text is what is hashed.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.signed_text import (
    ConditionKey,
    Distinct,
    Gln,
    HashHex,
    Identifier,
    Identifiers,
    PrintedName,
    StatementId,
    Strict,
    Text,
    UtcMillis,
)


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
    ERASE_IDENTITY = "erase_identity"


class SignerRole(StrEnum):
    """As what somebody signs a statement."""

    SIGNER = "signer"
    CONFIRMER = "confirmer"
    VERIFIER = "verifier"


class Disposition(StrEnum):
    """What QA decided about held items; stands in `conditions["disposition"]`."""

    RELEASE = "release"
    RELEASE_WITH_DEVIATION = "release_with_deviation"
    REJECT = "reject"


_NEEDS: Mapping[StatementKind, tuple[str, ...]] = {
    StatementKind.COMMISSION: ("from", "items", "coi"),
    StatementKind.PACK: ("from",),
    StatementKind.RELEASE: ("shipment",),
    StatementKind.OFFER: ("from", "to"),
    StatementKind.ACCEPT: ("to", "answers"),
    StatementKind.REFUSE: ("to", "answers", "explanation"),
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
    StatementKind.SEAL_READINGS: ("shipment", "sealed"),
    StatementKind.HOLD: ("explanation",),
    StatementKind.DISPOSITION: ("explanation",),
    StatementKind.CORRECT: ("corrects", "reason"),
    StatementKind.ERASE_IDENTITY: ("reason",),
}
"""What a kind cannot do without. "explanation" is a reason or a remark."""


class ShownVerdict(Strict):
    """The verdict that was on the signer's screen."""

    outcome: Literal["within", "possible", "excursion", "indeterminate"]
    version: int = Field(ge=0, lt=2**53)


class DeviceClock(Strict):
    """What the signer's device knew of its own clock.

    Attributes:
        offset_ms: The server's clock less the device's, when they were last compared.
        error_ms: How far off that may be.
        synced_at: When they were compared.
    """

    offset_ms: int = Field(gt=-(2**53), lt=2**53)
    error_ms: int = Field(ge=0, lt=2**53)
    synced_at: UtcMillis


class Sealed(Strict):
    """The readings of one leg of a shipment, as a Merkle root (docs/seals.md).

    Attributes:
        leg: Number of the leg between two handoffs, from 1.
        from_: First instant that counts; None is the start of the watch.
        until: First instant that no longer counts.
        count: How many readings.
        root: Root over their lines.
        earlier: Entry hash of the leg's seal before this one, when late readings made a new one.
    """

    leg: int = Field(ge=1, lt=2**53)
    from_: UtcMillis | None = Field(alias="from")
    until: UtcMillis
    count: int = Field(ge=0, lt=2**53)
    root: HashHex
    earlier: HashHex | None


class Seen(Strict):
    """The head of a chain that the signer had seen.

    Attributes:
        sequence: How many entries the chain had.
        hash: Entry hash of the last of them.
    """

    sequence: int = Field(ge=1, lt=2**53)
    hash: HashHex


class Signer(Strict):
    """Somebody who signs, as the signed bytes say it.

    Attributes:
        user: User name.
        name: Printed name (21 CFR 11.50).
        party: The party that is signed for.
        key: Id of the key that signs.
        meaning: What the signature means, as the signer read it.
    """

    user: Identifier
    name: PrintedName
    party: Identifier | None
    role: SignerRole = Field(strict=False)
    key: HashHex
    meaning: Text


class Statement(Strict):
    """One assertion about one order, signed by one or two people.

    Whoever acts is `from`; for `accept` and `refuse` it is `to`, the receiver. No `items` means
    all of the order's items. Signatures are made over the statement's canonical bytes and stand
    beside them in the envelope (`custody.envelope`).

    Attributes:
        v: Version of this form.
        log: Origin of the log that it is made for.
        id: Chosen by the client, so that sending twice records once.
        waybill: Number of the air waybill or consignment note.
        seals: Numbers of the tamper seals.
        claimed_at: When the signers say it happened, by their device's clock.
        conditions: Checklist: `yes`, `no`, `na`, or text. A `no` needs a reason or a remark.
        coi: Salted commitment to the chain-of-identity identifier of the order.
        signers: Who signs; the first acts. Two people are a confirmer and a verifier.
        seen: Head of the order's chain when it was signed; None when there was no entry.
        answers: SHA-256 of the bytes of the offer that is accepted or refused.
        corrects: Entry hash of the entry that a `correct` statement corrects.
    """

    v: int = Field(default=2, ge=2, le=2)
    log: Identifier
    id: StatementId
    kind: StatementKind = Field(strict=False)
    order: Identifier
    shipment: Identifier | None = None
    items: Identifiers = Distinct
    shipper: Identifier | None = None
    waybill: Identifier | None = None
    seals: Identifiers = Distinct
    from_party: Identifier | None = Field(default=None, alias="from")
    to_party: Identifier | None = Field(default=None, alias="to")
    place: Gln | None = None
    claimed_at: UtcMillis
    clock: DeviceClock | None = None
    conditions: dict[ConditionKey, Text] = Field(default_factory=dict, max_length=100)
    verdict: ShownVerdict | None = None
    coi: HashHex | None = None
    sealed: Sealed | None = None
    signers: tuple[Signer, ...] = Field(min_length=1, max_length=2, strict=False)
    seen: Seen | None = None
    answers: HashHex | None = None
    corrects: HashHex | None = None
    remarks: Text | None = None
    reason: Text | None = None

    @property
    def signer(self) -> str:
        """User name of the first signer, who acts."""
        return self.signers[0].user

    @property
    def meaning(self) -> str:
        """What the first signature means."""
        return self.signers[0].meaning

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
            "answers": self.answers,
            "coi": self.coi,
            "sealed": self.sealed,
            "reason": self.reason,
            "explanation": self.explanation,
        }
        missing = [name for name in _NEEDS.get(self.kind, ()) if not has[name]]
        if missing:
            wanted = " and ".join(missing).replace("explanation", "a reason or remarks")
            message = f"a statement of kind {self.kind} needs {wanted}"
            raise ValueError(message)
        if self.sealed is not None and self.kind is not StatementKind.SEAL_READINGS:
            message = "only a statement of kind seal_readings has a seal of readings"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _has_distinct_signers(self) -> Self:
        """Two people are two users with two keys, one confirmer and one verifier."""
        users = {signer.user for signer in self.signers}
        keys = {signer.key for signer in self.signers}
        if min(len(users), len(keys)) < len(self.signers):
            message = "each signer must be another person with another key"
            raise ValueError(message)
        roles = [signer.role for signer in self.signers]
        if roles not in ([SignerRole.SIGNER], [SignerRole.CONFIRMER, SignerRole.VERIFIER]):
            message = "a statement has one signer, or a confirmer and then a verifier"
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
