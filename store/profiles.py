"""Therapies and their profiles in the database: each version stored once, never changed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from schemas.errors import ConfigurationError
from schemas.profile import Profile, profile_document, profile_sha256
from store.database import Session


def save_profiles(session: Session, profiles: Iterable[Profile], *, now: datetime) -> None:
    """Store therapies and the versions of their profiles that are not stored yet.

    Raises:
        ConfigurationError: A version that is stored already has other contents now.
    """
    for profile in profiles:
        _save_therapy(session, profile)
        _save_profile(session, profile, now)


def _save_therapy(session: Session, profile: Profile) -> None:
    session.connection().execute(
        text(
            "INSERT INTO therapy (id, name, modality) VALUES (:id, :name, :modality) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, modality = excluded.modality"
        ),
        {"id": profile.id, "name": profile.name, "modality": profile.modality},
    )


def _save_profile(session: Session, profile: Profile, now: datetime) -> None:
    sha256 = profile_sha256(profile)
    session.connection().execute(
        text(
            "INSERT INTO therapy_profile (sha256, therapy_id, version, document, created_at) "
            "VALUES (:sha256, :therapy_id, :version, :document, :now) ON CONFLICT DO NOTHING"
        ),
        {
            "sha256": sha256,
            "therapy_id": profile.id,
            "version": profile.version,
            "document": profile_document(profile),
            "now": now,
        },
    )
    stored = session.connection().execute(
        text("SELECT sha256 FROM therapy_profile WHERE therapy_id = :id AND version = :version"),
        {"id": profile.id, "version": profile.version},
    )
    if stored.scalar_one() != sha256:
        message = (
            f"The profile of {profile.id} has changed, but is still called version "
            f"{profile.version}. A profile that was used never changes: give it a new version."
        )
        raise ConfigurationError(message)
