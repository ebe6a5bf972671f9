"""Accounts of people, for real use."""

import secrets
from datetime import datetime

from api.passwords import hash_password
from schemas.roles import Role
from store.database import Engine, transaction
from store.sign_in import change_password, create_account

# No letters or digits that look like others.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """Return a password that can be typed from paper: 3 × 4 characters, 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def add_account(
    engine: Engine,
    *,
    username: str,
    display_name: str,
    role: Role,
    password: str,
    now: datetime,
    party_id: str | None = None,
    site_gln: str | None = None,
) -> None:
    """Create an account.

    Raises:
        Duplicate: The name is taken.
    """
    password_hash = hash_password(password)
    with transaction(engine) as session:
        create_account(
            session,
            username=username,
            display_name=display_name,
            role=role,
            password_hash=password_hash,
            now=now,
            party_id=party_id,
            site_gln=site_gln,
        )


def set_password(engine: Engine, username: str, password: str) -> None:
    """Give an account another password and end its sign-ins.

    Raises:
        NotFound: There is no such account.
    """
    password_hash = hash_password(password)
    with transaction(engine) as session:
        change_password(session, username, password_hash)
