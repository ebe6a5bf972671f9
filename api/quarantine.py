"""Quarantine: what could not become readings, kept whole, and asked to be tried again."""

from uuid import UUID

from api.admission import guarded_router
from api.dependencies import CallerDep, NowDep, SessionDep
from api.models.operations import QuarantinePage, QuarantineView, ReplayRequested
from store.operations import SetAside, list_set_aside, request_replay

router = guarded_router("quarantine")

PREVIEW_CHARACTERS = 400
_MOST_BYTES_A_CHARACTER = 4


def _view(row: SetAside) -> QuarantineView:
    preview = row.head.decode("utf-8", errors="replace")[:PREVIEW_CHARACTERS]
    return QuarantineView(
        id=row.id,
        received_at=row.received_at,
        topic=row.topic,
        reason=row.reason,
        detail=row.detail,
        payload_preview=preview,
        size=row.size,
        sha256=row.sha256,
        replay_requested_at=row.replay_requested_at,
        replay_requested_by=row.replay_requested_by,
        replayed_at=row.replayed_at,
        outcome=row.outcome,
    )


@router.get("/quarantine")
def list_quarantine(session: SessionDep) -> QuarantinePage:
    """Return what is set aside: what waits first, newest first, at most 200."""
    found = list_set_aside(session, head_bytes=PREVIEW_CHARACTERS * _MOST_BYTES_A_CHARACTER)
    return QuarantinePage(items=[_view(row) for row in found])


@router.post("/quarantine/{quarantine_id}/replay", status_code=202)
def replay(
    quarantine_id: UUID, session: SessionDep, caller: CallerDep, now: NowDep
) -> ReplayRequested:
    """Ask ingest to try a message again; the outcome comes as an event within seconds."""
    request_replay(session, quarantine_id, by=caller.username, now=now)
    return ReplayRequested()
