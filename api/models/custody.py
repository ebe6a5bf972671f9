"""Custody on the wire: what recording answers, entries for people."""

from typing import Annotated, Literal

from pydantic import Field

from api.models.wire import Instant, View
from schemas.statement import DeviceClock, Sealed, ShownVerdict, SignerRole, StatementKind


class RecordedView(View):
    """Where a statement stands: *recorded*, which does not mean witnessed."""

    index: int
    order_sequence: int
    entry_hash: str
    previous: str
    recorded_at: Instant
    conflict_with: str | None = None
    state: Literal["recorded"] = "recorded"


class SignerView(View):
    """Who signed: printed name, as what, with which key, and what it means."""

    user: str
    name: str
    party: str | None
    party_name: str | None
    role: SignerRole
    key: str
    meaning: str


class EntryView(View):
    """One entry of the ledger, with names beside the identifiers and a sentence for people."""

    index: int
    order_sequence: int
    statement_id: str
    kind: StatementKind
    order: str
    shipment: str | None
    recorded_at: Instant
    claimed_at: Instant
    from_party: Annotated[str | None, Field(serialization_alias="from")]
    to_party: Annotated[str | None, Field(serialization_alias="to")]
    from_name: str | None
    to_name: str | None
    place: str | None
    place_name: str | None
    signer: str
    signer_name: str
    meaning: str
    items: list[str]
    shipper: str | None
    seals: list[str]
    conditions: dict[str, str]
    verdict: ShownVerdict | None
    remarks: str | None
    reason: str | None
    corrects: str | None
    entry_hash: str
    conflict: bool
    conflict_with: str | None
    answers: str | None
    signers: list[SignerView]
    clock: DeviceClock | None
    waybill: str | None
    sealed: Sealed | None
    accepted_with_remarks: bool
    witnessed: bool
    sentence: str
