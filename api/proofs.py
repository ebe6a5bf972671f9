"""Proofs to take along: receipts of entries and bundles of orders, as files."""

from typing import Annotated

from fastapi import Path, Query, Response

from api.admission import guarded_router
from api.dependencies import HouseDep, ScopeDep, SessionDep
from api.models.wire import Code
from api.orders import check_order
from custody.entry import KEYS_CHAIN
from custody.export import bundle, receipt
from custody.log_policy import read_policy
from schemas.errors import NotFound
from store.scope import visible_orders
from store.shown_entries import get_entry

router = guarded_router("ledger")

MEDIA_TYPE = "application/zip"
Index = Annotated[int, Path(ge=0, lt=2**53)]
Legs = Annotated[
    str | None,
    Query(pattern=r"^([1-9][0-9]{0,5}(,[1-9][0-9]{0,5}){0,99})?$", examples=["1,2"]),
]


@router.get("/ledger/entries/{index}/receipt", response_class=Response)
def get_receipt(index: Index, session: SessionDep, scope: ScopeDep, house: HouseDep) -> Response:
    """Return the receipt of an entry: one file that proves it, checked with `unbroken verify`."""
    order = get_entry(session, index).order_code
    if order != KEYS_CHAIN and not visible_orders(session, scope, [order]):
        raise NotFound("entry", index)  # the same as for an entry that is not there
    policy = read_policy(house.settings.witness_policy)
    return _file(receipt(session, index, policy), f"receipt-{index}.zip")


@router.get("/orders/{code}/bundle", response_class=Response)
def get_bundle(
    code: Code, session: SessionDep, scope: ScopeDep, house: HouseDep, legs: Legs = None
) -> Response:
    """Return the bundle of an order: all its entries, and readings of these legs, all or none.

    `legs` are numbers joined by commas; without it every leg is shown, empty shows none.
    """
    check_order(session, scope, code)
    chosen = None if legs is None else {int(leg) for leg in legs.split(",") if leg}
    policy = read_policy(house.settings.witness_policy)
    return _file(bundle(session, code, chosen, policy), "bundle.zip")


def _file(data: bytes, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=MEDIA_TYPE, headers=disposition)
