"""The custody ledger: the entries of an order or a shipment."""

from api.admission import guarded_router
from api.checkpoints import witnessed_size
from api.dependencies import HouseDep, ScopeDep, SessionDep
from api.entries import entry_views
from api.models.custody import EntryView
from api.models.wire import Code
from api.orders import check_order
from api.shipments import check_shipment
from custody.reading import entries_of_order, entries_of_shipment

router = guarded_router("ledger")


@router.get("/orders/{code}/entries")
def list_order_entries(
    code: Code, session: SessionDep, scope: ScopeDep, house: HouseDep
) -> list[EntryView]:
    """Return an order's entries, oldest first."""
    check_order(session, scope, code)
    size = witnessed_size(session, house)
    return entry_views(session, entries_of_order(session, code), witnessed=size)


@router.get("/shipments/{code}/entries")
def list_shipment_entries(
    code: Code, session: SessionDep, scope: ScopeDep, house: HouseDep
) -> list[EntryView]:
    """Return the entries that name a shipment, oldest first."""
    check_shipment(session, scope, code)
    size = witnessed_size(session, house)
    return entry_views(session, entries_of_shipment(session, code), witnessed=size)
