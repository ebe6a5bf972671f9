"""The custody certificate: a shipment's part of the ledger on paper."""

from collections.abc import Iterable, Sequence

from fastapi import Response

from alerts.sentences import limit_degrees
from api.admission import House, guarded_router
from api.certificate_words import details_of, signatures_of, waits_of
from api.dependencies import HouseDep, NowDep, ScopeDep, SessionDep, SparksDep
from api.entries import entry_views
from api.models.custody import EntryView
from api.models.shipment import ShipmentDetail
from api.models.wire import Code
from api.shipment_page import detail_of
from api.shipments import get_facts
from custody.certificate import (
    Certificate,
    CertifiedHead,
    CertifiedLeg,
    CertifiedStep,
    certificate_pdf,
    instant_words,
)
from custody.checkpoint import Checkpoint
from custody.ended_legs import LegFacts, facts_of_legs
from custody.export import checkpoint_over
from custody.log_policy import read_policy
from custody.policy import Policy
from custody.reading import entries_of_order
from schemas.errors import NotFound
from store.checkpoints import CheckpointRow, cosigned_note, list_cosignatures
from store.custody_facts import get_order_facts
from store.database import Session
from store.ledger import get_origin

router = guarded_router("ledger")


@router.get("/shipments/{code}/certificate", response_class=Response)
def get_certificate(
    code: Code,
    session: SessionDep,
    scope: ScopeDep,
    house: HouseDep,
    now: NowDep,
    sparks: SparksDep,
) -> Response:
    """Return the custody certificate as PDF/A-3b; the same data give the same bytes."""
    facts = get_facts(session, scope, code, now)
    detail = detail_of(session, scope, facts, now, sparks)
    pdf = certificate_pdf(certificate_of(session, house, detail))
    disposition = {"Content-Disposition": f'attachment; filename="custody-{code}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=disposition)


def certificate_of(session: Session, house: House, detail: ShipmentDetail) -> Certificate:
    """Return what is printed about a shipment.

    Raises:
        NotFound: No signed checkpoint covers an entry of it yet.
    """
    policy = read_policy(house.settings.witness_policy)
    entries = [
        each
        for each in entry_views(session, entries_of_order(session, detail.order_code))
        if each.shipment in {None, detail.code}
    ]
    if not entries:
        raise NotFound("signed checkpoint over entries of shipment", detail.code)
    head = _head(session, policy, [each.index for each in entries])
    return Certificate(
        shipment=detail.code,
        facts=_facts(detail, get_order_facts(session, detail.order_code).coi_commitment),
        steps=tuple(_step(each, head.checkpoint.size) for each in entries),
        waits=waits_of(entries),
        legs=tuple(_leg(each) for each in facts_of_legs(session, detail.code)),
        verdict=_verdict(detail),
        limits=_limits(detail),
        head=head,
    )


def _head(session: Session, policy: Policy, indexes: Sequence[int]) -> CertifiedHead:
    """Return the checkpoint over the last entry; if there is none, the last that covers one."""
    row = _checkpoint(session, policy, indexes)
    names = {(key.name, key.key_id.hex()) for key in policy.witness_keys}
    cosigned = [
        one for one in list_cosignatures(session, row.size) if (one.name, one.key_id) in names
    ]
    by = "; ".join(f"{one.name} at {instant_words(one.at)}" for one in cosigned)
    count = f"{len(cosigned)} of {policy.n} witnesses, {policy.k} needed"
    return CertifiedHead(
        checkpoint=Checkpoint(origin=get_origin(session), size=row.size, root=row.root),
        note=cosigned_note(row, cosigned),
        signed_at=row.signed_at,
        witnessed=(f"{count}: {by}." if by else f"{count}.") if policy.n else "By nobody outside.",
        indexes=_ranges(index for index in indexes if index < row.size),
    )


def _checkpoint(session: Session, policy: Policy, indexes: Sequence[int]) -> CheckpointRow:
    try:
        return checkpoint_over(session, indexes[-1], policy)
    except NotFound:
        return checkpoint_over(session, indexes[0], policy)


def _facts(detail: ShipmentDetail, coi_commitment: str) -> tuple[tuple[str, str], ...]:
    owner, holder = detail.owner, detail.holder
    return (
        ("Shipment", f"{detail.code}, {detail.state.replace('_', ' ')}"),
        ("Order", f"{detail.order_code}, patient alias {detail.patient_alias}"),
        (
            "Therapy",
            f"{detail.therapy_name}; {detail.profile.name}, version {detail.profile.version}",
        ),
        ("From", f"{detail.origin.name} ({detail.origin.gln})"),
        ("To", f"{detail.destination.name} ({detail.destination.gln})"),
        ("Held by", holder.name if holder else "nobody on record"),
        ("Owned by", owner.name if owner else "nobody on record"),
        ("Items", ", ".join(f"{one.id} (lot {one.lot})" for one in detail.items) or "none"),
        ("Shipper", f"{detail.shipper.grai}, {detail.shipper.kind}"),
        ("COI commitment", coi_commitment),
    )


def _step(entry: EntryView, size: int) -> CertifiedStep:
    return CertifiedStep(
        index=entry.index,
        title=entry.sentence,
        claimed=instant_words(entry.claimed_at),
        recorded=instant_words(entry.recorded_at),
        entry_hash=entry.entry_hash,
        covered=entry.index < size,
        conflict=entry.conflict,
        signatures=signatures_of(entry),
        details=details_of(entry),
    )


def _leg(leg: LegFacts) -> CertifiedLeg:
    sealed = leg.sealed_index is not None
    return CertifiedLeg(
        number=leg.number,
        begin=instant_words(leg.begin) if leg.begin else "start of the watch",
        until=instant_words(leg.until) if leg.until else "still running",
        count=f"{leg.count}" if sealed else "not sealed",
        root=leg.root or "",
        entry=f"{leg.sealed_index}" if sealed else "",
    )


def _verdict(detail: ShipmentDetail) -> tuple[str, ...]:
    verdict = detail.verdict
    if verdict is None:
        return ("There is no verdict yet.",)
    return (
        f"Verdict, version {verdict.version}, as of {instant_words(verdict.as_of)}:",
        verdict.sentence,
        f"{verdict.received} of {verdict.expected} expected readings were received.",
    )


def _limits(detail: ShipmentDetail) -> tuple[str, ...]:
    high, low = detail.limit_high_c, detail.limit_low_c
    limits = [
        *([] if low is None else [f"not below {limit_degrees(low)}"]),
        *([] if high is None else [f"not above {limit_degrees(high)}"]),
    ]
    if not limits:
        return ()
    source = f"{detail.profile.source}, {detail.profile.source_clause}".rstrip(".")
    return (f"Asked in transit: {' and '.join(limits)} ({source}).", detail.profile.note)


def _ranges(indexes: Iterable[int]) -> str:
    """Return indexes as text: "3, 5–7"."""
    runs: list[list[int]] = []
    for index in indexes:
        if runs and index == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], index]
        else:
            runs.append([index])
    return ", ".join("–".join(map(str, run)) for run in runs)
