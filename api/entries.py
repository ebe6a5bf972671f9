"""The ledger's entries as people read them."""

from collections.abc import Mapping, Sequence

from api.models.custody import EntryView
from custody.reading import RecordedStatement
from schemas.statement import Statement, StatementKind
from store.database import Session
from store.names import Names, find_names

_K = StatementKind
SENTENCES: Mapping[StatementKind, str] = {
    _K.COMMISSION: "{actor} commissioned the items.",
    _K.PACK: "{actor} packed the items.",
    _K.CONDITION: "{actor} conditioned the shipper.",
    _K.RELEASE: "{actor} released the shipment.",
    _K.OFFER: "{giver} offered the items to {receiver}.",
    _K.ACCEPT: "{receiver} accepted the items{from_giver}.",
    _K.REFUSE: "{receiver} refused the items{from_giver}.",
    _K.DEPART: "{actor} departed with the items{place}.",
    _K.ARRIVE: "{actor} arrived{place}.",
    _K.STORE: "{actor} put the items into storage{place}.",
    _K.INSPECT: "{actor} inspected the items{place}.",
    _K.OPEN: "{actor} opened the shipper{place}.",
    _K.THAW: "{actor} thawed the items{place}.",
    _K.INFUSE: "{actor} infused the items{place}.",
    _K.WASTE: "{actor} wasted the items{place}.",
    _K.RETURN: "{actor} returned the items.",
    _K.REQUALIFY: "{actor} requalified the shipper.",
    _K.TRANSFER_TITLE: "{giver} transferred the title to {receiver}.",
    _K.SEAL_READINGS: "The readings of leg {leg} were sealed into the ledger.",
    _K.HOLD: "{signer} put the items on hold.",
    _K.DISPOSITION: "{signer} decided on the held items.",
    _K.CORRECT: "{signer} corrected an earlier entry.",
    _K.ERASE_IDENTITY: "{signer} erased the identity behind the order.",
}
"""One sentence for each kind; a test fails when a kind has none."""


def entry_views(
    session: Session, entries: Sequence[RecordedStatement], *, witnessed: int = 0
) -> list[EntryView]:
    """Return entries with names and sentences, in the same order.

    Args:
        session: The transaction.
        entries: The entries.
        witnessed: Size of the log up to which enough witnesses have cosigned it.
    """
    said = [one.statement for one in entries]
    parties = {p for one in said for p in (one.from_party, one.to_party)}
    parties |= {signer.party for one in said for signer in one.signers}
    names = find_names(
        session,
        parties={party for party in parties if party},
        sites={one.place for one in said if one.place},
        signers=(),
    )
    return [_view(one, names, witnessed) for one in entries]


def sentence_of(statement: Statement, names: Names) -> str:
    """Return what happened, in words, with the names that people know."""
    signer = statement.signers[0].name
    giver = _name(names.parties, statement.from_party)
    place = _name(names.sites, statement.place)
    words = {
        "actor": _name(names.parties, statement.actor) or signer,
        "giver": giver or signer,
        "receiver": _name(names.parties, statement.to_party) or "the receiver",
        "from_giver": f" from {giver}" if giver else "",
        "place": f" at {place}" if place else "",
        "signer": signer,
        "leg": statement.sealed.leg if statement.sealed else "",
    }
    return SENTENCES[statement.kind].format_map(words)


def _name(names: Mapping[str, str], key: str | None) -> str | None:
    return names.get(key, key) if key else None


def _view(entry: RecordedStatement, names: Names, witnessed: int) -> EntryView:
    said, recorded = entry.statement, entry.recorded
    accepted = said.kind is StatementKind.ACCEPT
    return EntryView.model_validate(
        said.model_dump(by_alias=False)
        | {
            "statement_id": said.id,
            "index": recorded.index,
            "order_sequence": recorded.order_sequence,
            "recorded_at": recorded.recorded_at,
            "entry_hash": recorded.entry_hash.hex(),
            "from_name": _name(names.parties, said.from_party),
            "to_name": _name(names.parties, said.to_party),
            "place_name": _name(names.sites, said.place),
            "signer": said.signer,
            "signer_name": said.signers[0].name,
            "meaning": said.meaning,
            "items": list(said.items),
            "seals": list(said.seals),
            "signers": [
                one.model_dump() | {"party_name": _name(names.parties, one.party)}
                for one in said.signers
            ],
            "sealed": said.sealed,
            "clock": said.clock,
            "verdict": said.verdict,
            "conflict": recorded.conflict_with is not None,
            "conflict_with": recorded.conflict_with and recorded.conflict_with.hex(),
            "accepted_with_remarks": accepted and said.explanation is not None,
            "witnessed": recorded.index < witnessed,
            "sentence": sentence_of(said, names),
        }
    )
