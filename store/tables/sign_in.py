"""Accounts, sign-ins and access tokens. Secrets are stored only as hashes."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from store.tables.instant import Instant


class UserAccount(SQLModel, table=True):
    """A person of one party. Disabled, never deleted: the ledger keeps naming them."""

    __tablename__ = "user_account"

    username: str = Field(primary_key=True)
    display_name: str
    role: str
    party_id: str | None = Field(default=None, foreign_key="party.id")
    site_gln: str | None = Field(default=None, foreign_key="site.gln")
    password_hash: str
    created_at: datetime = Field(sa_type=Instant)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)


class SignInSession(SQLModel, table=True):
    """One signed-in browser. The cookie's token is kept as its SHA-256 only."""

    __tablename__ = "sign_in_session"

    token_sha256: bytes = Field(primary_key=True, sa_type=LargeBinary)
    username: str = Field(foreign_key="user_account.username", index=True)
    created_at: datetime = Field(sa_type=Instant)
    last_seen_at: datetime = Field(sa_type=Instant)


class SignInFailure(SQLModel, table=True):
    """One refused sign-in, counted per account and per address, forgotten after a while.

    The account is kept as a hash: people type passwords into the wrong field.
    """

    __tablename__ = "sign_in_failure"

    id: int | None = Field(default=None, primary_key=True)
    account_sha256: bytes = Field(sa_type=LargeBinary, index=True)
    address: str = Field(index=True)
    failed_at: datetime = Field(sa_type=Instant, index=True)


class AccessToken(SQLModel, table=True):
    """A program's key to the API. The token is kept as its SHA-256 only."""

    __tablename__ = "access_token"

    token_sha256: bytes = Field(primary_key=True, sa_type=LargeBinary)
    label: str = Field(index=True)
    role: str
    party_id: str | None = Field(default=None, foreign_key="party.id")
    site_gln: str | None = Field(default=None, foreign_key="site.gln")
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
