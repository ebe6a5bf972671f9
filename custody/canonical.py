"""Bytes that mean one thing only: RFC 8785 JSON without floats, and the one way to read it back."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
import rfc8785
from pydantic import ValidationError

from schemas.errors import LedgerCorrupt
from schemas.signed_text import Strict

Json = str | int | None | Sequence["Json"] | Mapping[str, "Json"]
"""JSON without floats; integers within ±(2⁵³ - 1), keys of ASCII."""

Signed = TypeVar("Signed", bound=Strict)

_LARGEST = 2**53 - 1
_WORDS = re.compile("([A-Z])")
_write = msgspec.json.Encoder(order="sorted").encode
_read = msgspec.json.Decoder().decode


def encode(value: Json) -> bytes:
    """Return the canonical bytes of a value.

    Without floats, and with keys of ASCII, a C encoder writes what RFC 8785 asks for: it sorts
    keys by bytes, which for ASCII are the UTF-16 units of the RFC, and escapes the same characters
    in the same way (a test compares). Audits spend their time here.

    Raises:
        LedgerCorrupt: The value holds a float, an integer beyond ±(2⁵³ - 1), a lone surrogate,
            a key that is not ASCII text, or anything else that the ledger does not know.

    Source: RFC 8785.
    """
    try:
        _refuse_unknown(value)
        return _write(value)
    except (UnicodeEncodeError, RecursionError) as error:
        message = f"This value has no canonical form: {error}."
        raise LedgerCorrupt(message) from error


def canonical_json(value: object) -> bytes:
    """Return RFC 8785 bytes of any JSON value, also with floats and any keys.

    For outsiders' data and test vectors. What the ledger hashes is narrower: see `encode`.

    Raises:
        LedgerCorrupt: The value is no JSON, or holds NaN, an infinity, an integer beyond
            ±(2⁵³ - 1), or a lone surrogate.
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # its type of JSON is private
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        message = f"This value has no canonical form: {error}."
        raise LedgerCorrupt(message) from error


def decode(data: bytes) -> Json:
    """Return the value whose canonical bytes these are; inverse of `encode`.

    Raises:
        LedgerCorrupt: The bytes are not JSON, or not in canonical form: duplicate or unsorted
            keys, floats, blanks, needless escapes, lone surrogates, anything after the end.
    """
    try:
        value: Json = _read(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"These bytes are not JSON of the ledger's kind: {error}."
        raise LedgerCorrupt(message) from error
    # Writing it again finds whatever else is amiss: a duplicate key, for one, is gone by now.
    if encode(value) != data:
        message = "These bytes are JSON, but not in canonical form."
        raise LedgerCorrupt(message)
    return value


def signed_bytes(value: Strict) -> bytes:
    """Return what is stored, hashed and signed: every field, also those that are empty."""
    return encode(value.model_dump(mode="json"))


def statement_hash(value: Strict) -> str:
    """Return the SHA-256 of what is signed, hexadecimal: its name before it has a place."""
    return hashlib.sha256(signed_bytes(value)).hexdigest()


def parse_signed(model: type[Signed], data: bytes) -> Signed:
    """Return the value whose canonical bytes these are; inverse of `signed_bytes`.

    Raises:
        LedgerCorrupt: The bytes are not canonical, not of this form, or leave a field out.
    """
    noun = _WORDS.sub(r" \1", model.__name__).lower().strip()
    try:
        value = model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "as a whole"
        message = f"These bytes are not a {noun}: {place}: {first['msg']}."
        raise LedgerCorrupt(message) from error
    if not _is_canonical(data) or not _names_every_field(value):
        message = f"These bytes are a {noun}, but not in canonical form."
        raise LedgerCorrupt(message)
    return value


def _is_canonical(data: bytes) -> bool:
    """Return whether typed JSON, free of floats, is written canonically."""
    try:
        return _write(_read(data)) == data
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
        return False


def _names_every_field(value: Strict) -> bool:
    if len(value.model_fields_set) < len(type(value).model_fields):
        return False
    return all(
        _names_every_field(part)
        for each in value.__dict__.values()
        for part in (each if isinstance(each, tuple) else (each,))
        if isinstance(part, Strict)
    )


def _refuse_unknown(value: Json) -> None:
    if isinstance(value, dict):
        _refuse_keys(value)
        for each in value.values():
            _refuse_unknown(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_unknown(each)
    elif isinstance(value, int) and not isinstance(value, bool):
        if not -_LARGEST <= value <= _LARGEST:
            message = "An integer lies beyond ±(2⁵³ - 1), where JSON's readers part."
            raise LedgerCorrupt(message)
    elif isinstance(value, bool) or not isinstance(value, str | None):
        message = f"{type(value).__name__} is not allowed in hashed bytes"
        raise LedgerCorrupt(message)


def _refuse_keys(value: Mapping[str, Json]) -> None:
    for key in value:
        if not isinstance(key, str) or not key.isascii():
            message = f"{key!r} is not a key of ASCII text"
            raise LedgerCorrupt(message)
