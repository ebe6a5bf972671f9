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


def find_names(
    session: Session,
    *,
    parties: Collection[str],
    sites: Collection[str],
    signers: Collection[str],
) -> Names:
    """Return the names of these party ids, GLNs and user names."""
    connection = session.connection()
    return Names(
        parties=dict(
            connection.execute(
                text("SELECT id, name FROM party WHERE id = ANY(:ids)"), {"ids": list(parties)}
            )
            .tuples()
            .all()
        ),
        sites=dict(
            connection.execute(
                text("SELECT gln, name FROM site WHERE gln = ANY(:ids)"), {"ids": list(sites)}
            )
            .tuples()
            .all()
        ),
        signers=dict(
            connection.execute(
                text("SELECT username, display_name FROM user_account WHERE username = ANY(:ids)"),
                {"ids": list(signers)},
            )
            .tuples()
            .all()
        ),
    )
