"""Accounts, sign-ins and access tokens: who is asking.

Tokens are random; only their SHA-256 is stored, so a stolen database opens no session.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from schemas.errors import Duplicate, NotFound, Refused
from schemas.roles import Role
from store.tables.sign_in import AccessToken, SignInSession, UserAccount

__all__ = [
    "Identity",
    "SignInTerms",
    "change_password",
    "create_account",
    "create_token",
    "disable_account",
    "end_session",
    "find_account",
    "find_session",
    "find_token",
    "revoke_tokens",
    "start_session",
]

TOKEN_PREFIX = "ubk_"  # noqa: S105 (a prefix, not a secret)
_TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is asking: a person with an account, or a program with a token.

    Attributes:
        username: The account's name; for a program `token:` and its label.
    """

    username: str
    display_name: str
    role: Role
    party_id: str | None
    site_gln: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTerms:
    """How long a sign-in lasts: `idle_for` without use, `at_most` in any case."""

    idle_for: timedelta
    at_most: timedelta


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _identity(account: UserAccount) -> Identity:
    return Identity(
        username=account.username,
        display_name=account.display_name,
        role=Role(account.role),
        party_id=account.party_id,
        site_gln=account.site_gln,
    )


def create_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    role: Role,
    password_hash: str,
    now: datetime,
    party_id: str | None = None,
    site_gln: str | None = None,
) -> Identity:
    """Add an account and return who it is.

    Raises:
        Duplicate: The username is taken, also by somebody disabled.
    """
    if session.get(UserAccount, username) is not None:
        raise Duplicate("account", username)
    account = UserAccount(
        username=username,
        display_name=display_name,
        role=role,
        party_id=party_id,
        site_gln=site_gln,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(account)
    session.flush()
    return _identity(account)


def find_role(session: Session, username: str) -> Role | None:
    """Return the role of somebody who has an account; None for whoever never had one.

    Raises:
        Refused: The account is disabled.
    """
    account = session.get(UserAccount, username)
    if account is None:
        return None
    if account.disabled_at is not None:
        raise Refused(f"The account of {username} is disabled, so nothing signed by it is taken.")
    return Role(account.role)


def find_account(session: Session, username: str) -> tuple[Identity, str] | None:
    """Return who the account is and its password hash; None when unknown or disabled."""
    account = session.get(UserAccount, username)
    if account is None or account.disabled_at is not None:
        return None
    return _identity(account), account.password_hash


def change_password(session: Session, username: str, password_hash: str) -> None:
    """Set an account's password hash and end its sign-ins everywhere.

    Raises:
        NotFound: There is no such account.
    """
    account = session.get(UserAccount, username)
    if account is None:
        raise NotFound("account", username)
    account.password_hash = password_hash
    _end_sessions_of(session, username)


def disable_account(session: Session, username: str, now: datetime) -> None:
    """Lock an account for good and end its sign-ins everywhere.

    Raises:
        NotFound: There is no such account.
    """
    account = session.get(UserAccount, username)
    if account is None:
        raise NotFound("account", username)
    account.disabled_at = account.disabled_at or now
    _end_sessions_of(session, username)


def _end_sessions_of(session: Session, username: str) -> None:
    session.execute(delete(SignInSession).where(col(SignInSession.username) == username))


def start_session(session: Session, username: str, now: datetime) -> str:
    """Begin a sign-in of an existing account and return its new, secret token."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_sha256=_sha256(token), username=username, created_at=now, last_seen_at=now
        )
    )
    session.flush()
    return token


def find_session(
    session: Session, token: str, now: datetime, terms: SignInTerms, *, is_use: bool = True
) -> Identity | None:
    """Return who holds this sign-in; None when it is unknown, ended or over its time.

    Notes the use (`is_use`: not where a machine only looks whether it is still good), once a
    minute at most, and drops a sign-in that is over.
    """
    found = session.exec(
        select(SignInSession, UserAccount)
        .join(UserAccount, col(UserAccount.username) == col(SignInSession.username))
        .where(SignInSession.token_sha256 == _sha256(token))
    ).first()
    if found is None:
        return None
    sign_in, account = found
    idle, age = now - sign_in.last_seen_at, now - sign_in.created_at
    if account.disabled_at is not None or idle > terms.idle_for or age > terms.at_most:
        session.delete(sign_in)
        return None
    if is_use and idle >= _TOUCH_EVERY:
        sign_in.last_seen_at = now
    return _identity(account)


def end_session(session: Session, token: str) -> None:
    """End a sign-in; harmless when it is not known."""
    session.execute(delete(SignInSession).where(col(SignInSession.token_sha256) == _sha256(token)))


def create_token(
    session: Session,
    *,
    label: str,
    role: Role,
    now: datetime,
    party_id: str | None = None,
    site_gln: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Create an access token for a program and return it; it cannot be shown again."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.add(
        AccessToken(
            token_sha256=_sha256(token),
            label=label,
            role=role,
            party_id=party_id,
            site_gln=site_gln,
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    return token


def find_token(session: Session, token: str, now: datetime) -> Identity | None:
    """Return what a program's token stands for; None when unknown, revoked or expired."""
    row = session.get(AccessToken, _sha256(token))
    if row is None or row.revoked_at is not None:
        return None
    if row.expires_at is not None and row.expires_at <= now:
        return None
    return Identity(
        username=f"token:{row.label}",
        display_name=row.label,
        role=Role(row.role),
        party_id=row.party_id,
        site_gln=row.site_gln,
    )


def revoke_tokens(session: Session, label: str, now: datetime) -> int:
    """Revoke every token of this label; return how many were still good."""
    revoked = session.execute(
        update(AccessToken)
        .where(col(AccessToken.label) == label, col(AccessToken.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(AccessToken.token_sha256))
    )
    return len(revoked.all())
