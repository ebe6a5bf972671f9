"""Where an order stands, for whoever signs next."""

from api.admission import guarded_router
from api.dependencies import ScopeDep, SessionDep
from api.models.signing import (
    CheckView,
    CustodyView,
    ItemStateView,
    OfferView,
    PackingView,
    SeenView,
    StepView,
)
from api.models.wire import Code
from api.orders import check_order
from custody.reading import story_of
from custody.state import CustodyState
from schemas.profile import Profile, profile_from_document
from store.custody_facts import get_order_facts
from store.ledger import get_origin, list_entries_of_order

router = guarded_router("custody")


@router.get("/orders/{code}/custody")
def get_custody(code: Code, session: SessionDep, scope: ScopeDep) -> CustodyView:
    """Return who holds and owns what, the open offer, and what the therapy asks of each step."""
    check_order(session, scope, code)
    rows = list_entries_of_order(session, code)
    state = story_of(rows).state
    facts = get_order_facts(session, code)
    last = rows[-1] if rows else None
    return CustodyView(
        log=get_origin(session),
        order=code,
        seen=last and SeenView(sequence=last.order_sequence, hash=last.leaf_hash.hex()),
        holder=state.holder,
        owner=state.owner,
        site=state.site,
        offer=_offer(state),
        items=[
            ItemStateView(id=item, state=now.value, held=item in state.held)
            for item, now in sorted(state.items.items())
        ],
        in_transit=state.in_transit,
        released=sorted(state.released),
        sealed=_packing(state),
        coi_commitment=facts.coi_commitment,
        erased=state.erased,
        steps=_steps(profile_from_document(facts.profile)),
    )


def _offer(state: CustodyState) -> OfferView | None:
    offer = state.offer
    if offer is None:
        return None
    return OfferView(
        statement=offer.statement,
        entry=offer.entry,
        giver=offer.giver,
        receiver=offer.receiver,
        items=sorted(offer.items),
    )


def _packing(state: CustodyState) -> PackingView | None:
    packing = state.packing
    if packing is None:
        return None
    return PackingView(
        shipper=packing.shipper, waybill=packing.waybill, seals=sorted(packing.seals)
    )


def _steps(profile: Profile) -> list[StepView]:
    return [
        StepView(
            kind=step.kind.value,
            at=step.at,
            checklist=[
                CheckView(
                    id=check.id, key=check.key, question=check.question, expected=check.expected
                )
                for check in (profile.checklists[step.checklist] if step.checklist else ())
            ],
            people=step.people,
        )
        for step in profile.steps or ()
    ]
