"""Text that is hashed and signed: never normalised, and refused when it could be read two ways."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _is_an_instant(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _is_ordered_set(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        message = "the same value stands here twice"
        raise ValueError(message)
    return values


_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
UtcMillis = Annotated[
    str,
    Field(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}\.[0-9]{{3}}Z$"),
    AfterValidator(_is_an_instant),
]
"""RFC 3339, UTC, exactly three decimals: `2026-11-21T23:28:27.000Z`."""

Identifier = Annotated[str, Field(pattern="^[!-~](?:[ -~]{0,88}[!-~])?$")]
"""1 to 90 printable ASCII characters, no blank at either end: codes, serials, party ids, names."""

Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
"""What a person wrote; line feed and tab are the only control characters."""

_UNPRINTED = (
    r"\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
)
PrintedName = Annotated[str, Field(min_length=1, max_length=2000, pattern=f"^[^{_UNPRINTED}]*$")]
"""A name as it is printed: one line, and nothing that hides or turns round what stands there."""

HashHex = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 as 64 lower-case hexadecimal digits."""

StatementId = Annotated[
    str, Field(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
Gln = Annotated[str, Field(pattern="^[0-9]{13}$")]
ConditionKey = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$")]
Distinct = Field(default=(), max_length=200, strict=False)
Identifiers = Annotated[tuple[Identifier, ...], AfterValidator(_is_ordered_set)]


class Strict(BaseModel):
    """Takes what it says and nothing else: no unknown field, no conversion, no float."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", serialize_by_alias=True, allow_inf_nan=False
    )
