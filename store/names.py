"""The names that people know parties, sites and signers by."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text

from store.database import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Identifier → name; what is unknown is absent."""

    parties: dict[str, str]
    sites: dict[str, str]
    signers: dict[str, str]


_PARTIES = "SELECT id, name FROM party WHERE id = ANY(CAST(:keys AS text[]))"
_SITES = "SELECT gln, name FROM site WHERE gln = ANY(CAST(:keys AS text[]))"
_SIGNERS = (
    "SELECT username, display_name FROM user_account WHERE username = ANY(CAST(:keys AS text[]))"
)


def find_names(
    session: Session,
    *,
    parties: Collection[str],
    sites: Collection[str],
    signers: Collection[str],
) -> Names:
    """Return the names of these party ids, GLNs and user names."""
    return Names(
        parties=_pairs(session, _PARTIES, parties),
        sites=_pairs(session, _SITES, sites),
        signers=_pairs(session, _SIGNERS, signers),
    )


def _pairs(session: Session, query: str, keys: Collection[str]) -> dict[str, str]:
    rows = session.connection().execute(text(query), {"keys": list(keys)})
    return {row[0]: row[1] for row in rows}
