"""Therapy profiles: from the program's data files into the database, each version once."""

from datetime import datetime

from sqlmodel import select

from schemas.errors import ConfigurationError
from schemas.profile import Profile, load_profiles, profile_document, profile_sha256
from store.database import Engine, Session, transaction
from store.nouns import put
from store.tables.therapies import Therapy, TherapyProfile


def load_therapies(engine: Engine, now: datetime) -> int:
    """Store the profiles that come with the program; return how many were new.

    Raises:
        ConfigurationError: A profile was changed without a new version.
        StoreUnavailable: The database failed; none is stored.
    """
    with transaction(engine) as session:
        return sum(_store(session, profile, now) for profile in load_profiles())


def _store(session: Session, profile: Profile, now: datetime) -> bool:
    put(session, Therapy(id=profile.id, name=profile.name, modality=profile.modality))
    digest = profile_sha256(profile)
    if session.get(TherapyProfile, digest) is not None:
        return False
    if _knows(session, profile):
        message = (
            f"The profile of {profile.id} differs from the stored version {profile.version}. "
            "A profile never changes once used: give it the next version number."
        )
        raise ConfigurationError(message)
    session.add(
        TherapyProfile(
            sha256=digest,
            therapy_id=profile.id,
            version=profile.version,
            document=profile_document(profile),
            created_at=now,
        )
    )
    session.flush()
    return True


def _knows(session: Session, profile: Profile) -> bool:
    statement = select(TherapyProfile).where(
        TherapyProfile.therapy_id == profile.id, TherapyProfile.version == profile.version
    )
    return session.exec(statement).first() is not None
