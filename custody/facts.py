"""What a statement must fit beside the ledger: the log, the nouns, the identity, the therapy."""

from functools import lru_cache

from custody.checklists import check_step
from custody.requirements import conflict
from custody.state import CustodyState
from schemas.profile import Profile, profile_from_document
from schemas.statement import Statement, StatementKind
from store import custody_facts as store
from store.custody_facts import OrderParties
from store.database import Session
from store.ledger import get_origin

NOTARY = "notary"
"""User name under which the notary's key is enrolled, without a party."""
_DECISIONS = frozenset(
    {StatementKind.RELEASE, StatementKind.DISPOSITION, StatementKind.ERASE_IDENTITY}
)


def check_log(session: Session, log: str) -> None:
    """Check that signed bytes are meant for this log, and not replayed from another one.

    Raises:
        CustodyConflict: They are not.
    """
    if log != (origin := get_origin(session)):
        conflict(f"This was signed for the log {log}; this one is {origin}.")


def check_facts(session: Session, statement: Statement, state: CustodyState) -> None:
    """Check a statement against what is known of its order, shipment, parties and shipper.

    Args:
        session: The transaction.
        statement: What is asserted.
        state: Where the order stands before it.

    Raises:
        NotFound: The order, the shipment, a party, the place or an item is unknown.
        CustodyConflict: Identity, shipper, signer, checklist or number of people are not as they
            must be.
    """
    commissioned = statement.kind is StatementKind.COMMISSION
    store.check_exist(
        session,
        parties=[p for p in {statement.from_party, statement.to_party} if p],
        sites=[statement.place] if statement.place else (),
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
    parties = store.get_order_parties(session, statement.order)
    check_standing(statement, parties, state)
    # Whoever receives for the destination is at the destination, whatever place is said.
    at_destination = statement.place in parties.places or statement.actor in parties.destinations
    if at_destination and statement.kind is StatementKind.ACCEPT:
        _check_numbers_are_said(statement, state)
    check_step(_profile(order.profile), statement, at_destination=at_destination)


@lru_cache(maxsize=256)
def _profile(document: bytes) -> Profile:
    """Return the profile of a document, which never changes; reading one takes long."""
    return profile_from_document(document)


def check_standing(statement: Statement, parties: OrderParties, state: CustodyState) -> None:
    """Check that the signers have to do with the order, and that what they say is theirs to say.

    Readings are sealed by the notary's key, which says nothing else. A carrier neither releases,
    nor decides on held items, nor erases an identity. A signer without a party is of the house.

    Raises:
        CustodyConflict: They do not, or it is not.
    """
    by_notary = [signer.user == NOTARY and signer.party is None for signer in statement.signers]
    if (
        any(by_notary) != (statement.kind is StatementKind.SEAL_READINGS)
        or len(by_notary) > sum(by_notary) > 0
    ):
        conflict(f"Readings are sealed by {NOTARY}, which signs nothing else.")
    party = statement.signers[0].party
    if party is None or statement.kind is StatementKind.COMMISSION:
        return
    decide = parties.ends | {state.owner}
    if party not in decide | parties.carriers | {state.holder} | _offered(state):
        conflict(f"{party} has nothing to do with {statement.order}.")
    if statement.kind in _DECISIONS and party not in decide:
        conflict(f"{party} carries {statement.order}, and cannot make a {statement.kind} of it.")


def _offered(state: CustodyState) -> frozenset[str]:
    return frozenset() if state.offer is None else frozenset({state.offer.receiver})


def _check_numbers_are_said(statement: Statement, state: CustodyState) -> None:
    packing = state.packing
    if packing is None or statement.explanation is not None:
        return
    if statement.shipper is None or (packing.seals and not statement.seals):
        conflict(
            "Scan the number on the shipper and on its seals when you accept at the destination, "
            "or say in remarks why you cannot."
        )
