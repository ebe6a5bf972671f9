"""Signing in, on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.roles import Role


class Credentials(BaseModel):
    """What a person types to sign in. Lengths are bounded because hashing is costly."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(min_length=1, max_length=90)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class User(BaseModel):
    """Who is signed in."""

    model_config = ConfigDict(from_attributes=True)

    username: str
    display_name: str
    role: Role
    party_id: str | None
    site_gln: str | None


class SignedIn(BaseModel):
    """The answer to a good sign-in; the session itself is in the cookie."""

    user: User
