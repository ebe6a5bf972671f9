"""Shapes that every noun uses: instants, names, and what a put answers."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from store.nouns import Put


def _as_utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""An instant with a zone; leaves as ISO 8601 with `Z`."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
Gln = Annotated[str, Field(pattern=r"^[0-9]{13}$")]
Serial = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
Gtin = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text for people: no control characters, at most 200 of the others."""


class Body(BaseModel):
    """What a client sends: unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class View(BaseModel):
    """What a client gets, built from a row or a value."""

    model_config = ConfigDict(from_attributes=True)


def answer_put(put: Put, response: Response) -> None:
    """Answer 201 for what is new, 200 for what was there."""
    response.status_code = 201 if put is Put.NEW else 200
