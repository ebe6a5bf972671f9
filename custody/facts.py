"""What a statement must fit beside the ledger: the log, the nouns, the identity, the therapy."""

from custody.checklists import check_step
from custody.requirements import conflict
from schemas.profile import profile_from_document
from schemas.statement import Statement, StatementKind
from store import custody_facts as store
from store.database import Session
from store.ledger import get_origin


def check_log(session: Session, log: str) -> None:
    """Check that signed bytes are meant for this log, and not replayed from another one.

    Raises:
        CustodyConflict: They are not.
    """
    if log != (origin := get_origin(session)):
        conflict(f"This was signed for the log {log}; this one is {origin}.")


def check_facts(session: Session, statement: Statement) -> None:
    """Check a statement against what is known of its order, shipment, parties and shipper.

    Raises:
        NotFound: The order, the shipment, a party or an item is unknown.
        CustodyConflict: Identity, shipper, checklist or number of people are not as they must be.
    """
    commissioned = statement.kind is StatementKind.COMMISSION
    store.check_exist(
        session,
        parties=[p for p in {statement.from_party, statement.to_party} if p],
        items=statement.items if commissioned else (),
        order_code=statement.order,
    )
    if statement.shipment is not None:
        store.check_shipment(session, shipment_code=statement.shipment, order_code=statement.order)
    order = store.get_order_facts(session, statement.order)
    if commissioned and statement.coi != order.coi_commitment:
        conflict(f"The identity on the label is not the one of {statement.order}. Stop.")
    packs = statement.kind is StatementKind.PACK and statement.shipper is not None
    if packs and store.is_shipper_away(session, statement.shipper or ""):
        conflict(f"{statement.shipper} was sent back and not requalified since.")
    check_step(
        profile_from_document(order.profile),
        statement,
        at_destination=store.is_bound_for(
            session, order_code=statement.order, place_gln=statement.place
        ),
    )
