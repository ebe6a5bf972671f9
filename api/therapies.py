"""Therapies and their profiles: loaded from data files at start, read here."""

import json

from api.admission import guarded_router
from api.dependencies import SessionDep
from api.models.nouns import ProfileView, TherapyView
from api.models.wire import Slug
from store.nouns import Therapy, get, get_current_profile, list_rows

router = guarded_router("therapies")


@router.get("/therapies")
def list_therapies(session: SessionDep) -> list[TherapyView]:
    """Return all therapies, by id."""
    return [TherapyView.model_validate(row) for row in list_rows(session, Therapy)]


@router.get("/therapies/{therapy_id}")
def get_therapy(therapy_id: Slug, session: SessionDep) -> TherapyView:
    """Return one therapy."""
    return TherapyView.model_validate(get(session, Therapy, therapy_id))


@router.get("/therapies/{therapy_id}/profile")
def get_profile(therapy_id: Slug, session: SessionDep) -> ProfileView:
    """Return a therapy's current profile and its SHA-256."""
    row = get_current_profile(session, therapy_id)
    return ProfileView(
        sha256=row.sha256,
        therapy_id=row.therapy_id,
        version=row.version,
        document=json.loads(row.document),
    )
