"""The custody ledger: its head, and the entries of an order or a shipment."""

from api.admission import guarded_router
from api.dependencies import ScopeDep, SessionDep
from api.entries import entry_views
from api.models.custody import EntryView, LedgerView
from api.models.wire import Code
from api.orders import check_order
from api.shipments import check_shipment
from custody.reading import entries_of_order, entries_of_shipment, head

router = guarded_router("ledger")


@router.get("/ledger")
def get_head(session: SessionDep) -> LedgerView:
    """Return the log's size and root."""
    found = head(session)
    return LedgerView(origin=found.origin, size=found.size, root=found.root.hex())


@router.get("/orders/{code}/entries")
def list_order_entries(code: Code, session: SessionDep, scope: ScopeDep) -> list[EntryView]:
    """Return an order's entries, oldest first."""
    check_order(session, scope, code)
    return entry_views(session, entries_of_order(session, code))


@router.get("/shipments/{code}/entries")
def list_shipment_entries(code: Code, session: SessionDep, scope: ScopeDep) -> list[EntryView]:
    """Return the entries that name a shipment, oldest first."""
    check_shipment(session, scope, code)
    return entry_views(session, entries_of_shipment(session, code))
