"""The log's head, signed and witnessed, and proofs that it only grew."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from api.admission import House, guarded_router
from api.dependencies import HouseDep, NowDep, SessionDep
from api.models.checkpoints import CheckpointView, ConsistencyView, LedgerView, WitnessedView
from custody.base64_text import to_base64
from custody.entry import NO_ENTRY
from custody.log_policy import read_policy
from custody.tree import stored_consistency_proof
from custody.witnessing import witnessed
from schemas.errors import NotFound
from store.checkpoints import (
    cosigned_note,
    find_checkpoint,
    find_last_checkpoint,
    list_cosignatures,
)
from store.database import Session
from store.ledger import get_origin, read_head

router = guarded_router("ledger")

Size = Annotated[int, Query(ge=0, lt=2**53)]


@router.get("/ledger")
def get_head(session: SessionDep, house: HouseDep, now: NowDep) -> LedgerView:
    """Return the log's size and root, its last checkpoint, and how far it is witnessed."""
    head = read_head(session)
    return LedgerView(
        origin=get_origin(session),
        size=head.size,
        root=head.root.hex(),
        founded=head.keys != NO_ENTRY,
        checkpoint=_last_checkpoint(session),
        witnessed=_witnessed(session, house, now),
    )


@router.get("/ledger/checkpoint", response_class=Response)
def get_checkpoint(session: SessionDep, size: Size | None = None) -> Response:
    """Return the last checkpoint, or that of a size, as a signed note with its cosignatures."""
    row = find_last_checkpoint(session) if size is None else find_checkpoint(session, size)
    if row is None:
        raise NotFound("checkpoint", "of this log" if size is None else f"of size {size}")
    note = cosigned_note(row, list_cosignatures(session, row.size))
    return Response(note, media_type="text/plain")


@router.get("/ledger/consistency")
def get_consistency(old: Size, new: Size, session: SessionDep) -> ConsistencyView:
    """Return the proof that the log of size `old` is the beginning of that of size `new`."""
    if new > read_head(session).size:
        raise NotFound("log size", new)
    proof = stored_consistency_proof(session, old, new)
    return ConsistencyView(old=old, new=new, proof=[to_base64(each) for each in proof])


def witnessed_size(session: Session, house: House) -> int:
    """Return the size up to which enough witnesses have cosigned the log; 0 without witnesses."""
    policy = read_policy(house.settings.witness_policy)
    return witnessed(session, policy).size if policy.witnesses else 0


def _last_checkpoint(session: Session) -> CheckpointView | None:
    row = find_last_checkpoint(session)
    if row is None:
        return None
    note = cosigned_note(row, list_cosignatures(session, row.size))
    return CheckpointView(
        size=row.size, root=row.root.hex(), signed_at=row.signed_at, note=note.decode("utf-8")
    )


def _witnessed(session: Session, house: House, now: datetime) -> WitnessedView | None:
    policy = read_policy(house.settings.witness_policy)
    if not policy.witnesses:
        return None
    found = witnessed(session, policy)
    age_s = None if found.at is None else max(0, int((now - found.at).total_seconds()))
    return WitnessedView.model_validate(
        {
            "size": found.size,
            "at": found.at,
            "age_s": age_s,
            "k": found.k,
            "n": found.n,
            "witnesses": [
                {"name": each.name, "size": each.size, "at": each.at} for each in found.witnesses
            ],
        }
    )
