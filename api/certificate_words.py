"""What the certificate says of single entries: signatures, particulars, offers not yet answered."""

from collections.abc import Sequence

from alerts.sentences import duration
from api.models.custody import EntryView
from custody.certificate import CertifiedSignature, instant_words
from schemas.instants import to_us
from schemas.statement import StatementKind

_KEY_DIGITS = 16
_ANSWERS = frozenset({StatementKind.ACCEPT, StatementKind.REFUSE})


def signatures_of(entry: EntryView) -> tuple[CertifiedSignature, ...]:
    """Return who signed, in the order of the statement."""
    return tuple(
        CertifiedSignature(
            name=one.name,
            party=one.party_name or "",
            role=one.role.value,
            key=one.key[:_KEY_DIGITS],
            meaning=one.meaning,
        )
        for one in entry.signers
    )


def details_of(entry: EntryView) -> tuple[str, ...]:
    """Return what else the statement says, a sentence each."""
    shown = entry.verdict
    clock = entry.clock
    refused = sorted(key for key, value in entry.conditions.items() if value == "no")
    said = {
        "Accepted with remarks.": entry.accepted_with_remarks,
        f"Items: {', '.join(entry.items)}.": entry.items,
        f"Shipper: {entry.shipper}.": entry.shipper,
        f"Waybill: {entry.waybill}.": entry.waybill,
        f"Seals: {', '.join(entry.seals)}.": entry.seals,
        f"Answered with no: {', '.join(refused)}.": refused,
        f"Reason: {entry.reason}": entry.reason,
        f"Remarks: {entry.remarks}": entry.remarks,
        f"Corrects the entry {entry.corrects}.": entry.corrects,
        f"Contradicts the entry {entry.conflict_with}.": entry.conflict_with,
        shown and f"Verdict on screen: {shown.outcome}, version {shown.version}.": shown,
        clock and f"Device clock: {clock.offset_ms} ms off, ± {clock.error_ms} ms.": clock,
    }
    return tuple(sentence for sentence, there in said.items() if sentence and there)


def waits_of(entries: Sequence[EntryView]) -> tuple[str, ...]:
    """Return the times in which an offer was not answered: its giver is the holder on record.

    Args:
        entries: Of one order, oldest first.
    """
    waits: list[str] = []
    offer: EntryView | None = None
    for each in entries:
        if each.conflict:
            continue
        if offer is not None and (each.kind in _ANSWERS or each.corrects == offer.entry_hash):
            waits += _wait(offer, each)
            offer = None
        if each.kind is StatementKind.OFFER:
            offer = each
    return (*waits, *([] if offer is None else _wait(offer, None)))


def _wait(offer: EntryView, end: EntryView | None) -> list[str]:
    begun = f"From {instant_words(offer.claimed_at)}"
    who = f"offered to {offer.to_name}, held on record by {offer.from_name}"
    if end is None:
        return [f"{begun} on: {who}; not answered yet (entry {offer.index})."]
    lasted_us = to_us(end.claimed_at) - to_us(offer.claimed_at)
    if lasted_us <= 0:
        return []
    return [f"{begun} for {duration(lasted_us)}: {who} (entries {offer.index} to {end.index})."]
