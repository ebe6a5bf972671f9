"""Signed statements on the wire: what waits for whom, keys, and what a signer must know."""

from typing import Annotated, Literal

from pydantic import Field

from api.models.wire import Instant, View
from custody.envelope import EnvelopeView


class MissingSigner(View):
    """Somebody who is to sign and has not."""

    user: str
    name: str
    role: str
    key: str


class AwaitingView(View):
    """A statement that is signed and not recorded: it asserts nothing until all have signed."""

    state: Literal["awaiting"] = "awaiting"
    missing: list[MissingSigner]


class StatementView(View):
    """A statement with its signatures, recorded or waiting."""

    id: str
    state: Literal["awaiting", "recorded"]
    envelope: EnvelopeView
    missing: list[MissingSigner]
    index: int | None = None


class KeyView(View):
    """A signing key, whose it is, and from which entry to which it counts."""

    key: str
    public: str
    user: str
    name: str
    party: str | None
    approver: bool
    enrolled_index: int
    revoked_index: int | None
    suspect_since: Instant | None


class KeysHeadView(View):
    """The end of the chain of entries about keys; a key statement must have seen it."""

    log: str
    founded: bool
    sequence: int
    hash: str | None


class SeenView(View):
    """The end of an order's chain."""

    sequence: int
    hash: str


class OfferView(View):
    """The open offer; an answer names `statement`, the SHA-256 of the offer's bytes."""

    statement: str
    entry: str | None
    giver: str
    receiver: str
    items: list[str]


class ItemStateView(View):
    """What has become of an item."""

    id: str
    state: str
    held: bool


class PackingView(View):
    """What the items are packed into, and the numbers that close it."""

    shipper: str
    waybill: str | None
    seals: list[str]


class CheckView(View):
    """One line of a checklist; `key` is where its answer stands in a statement's conditions."""

    id: str
    key: str
    question: str
    expected: str


class StepView(View):
    """What the therapy asks of a kind of statement."""

    kind: str
    at: str | None
    checklist: list[CheckView]
    people: int


class CustodyView(View):
    """Where an order stands, and what a signer's device must know to sign the next statement."""

    log: str
    order: str
    seen: SeenView | None
    holder: str | None
    owner: str | None
    site: str | None
    offer: OfferView | None
    items: list[ItemStateView]
    in_transit: str | None
    released: list[str]
    sealed: PackingView | None
    coi_commitment: Annotated[str, Field(description="Salted hash of the COI")]
    erased: bool
    steps: list[StepView]
