"""Profiles by their SHA-256, read from the store once."""

from datetime import timedelta

from schemas.errors import NotFound
from schemas.profile import Profile, load_profiles, profile_from_document, profile_sha256
from store.database import Session
from store.tables.therapies import TherapyProfile


class KnownProfiles:
    """Remembers profiles; they never change once stored."""

    def __init__(self) -> None:
        self._known = {profile_sha256(profile): profile for profile in load_profiles()}

    def get(self, session: Session, sha256: str) -> Profile:
        """Return a profile.

        Raises:
            NotFound: No such profile is stored.
        """
        if sha256 not in self._known:
            row = session.get(TherapyProfile, sha256)
            if row is None:
                raise NotFound("therapy profile", sha256)
            self._known[sha256] = profile_from_document(row.document)
        return self._known[sha256]

    def shortest_silence(self) -> timedelta:
        """Return how long a logger may say nothing under the strictest profile seen so far."""
        rules = [profile.silence_rule() for profile in self._known.values()]
        allowed = [rule.expected_s + rule.grace_s for rule in rules if rule is not None]
        return timedelta(seconds=min(allowed, default=0))
