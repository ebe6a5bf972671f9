"""Bytes that mean one thing only: RFC 8785 JSON without floats, and the one way to read it back."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar, get_args

import msgspec
import rfc8785
from pydantic import ValidationError

from schemas.errors import LedgerCorrupt
from schemas.signed_text import Strict

Json = str | int | None | Sequence["Json"] | Mapping[str, "Json"]
"""JSON without floats; integers within ±(2⁵³ - 1), keys of ASCII."""

LARGEST_INTEGER = 2**53 - 1
"""Beyond it, readers of JSON part."""

Signed = TypeVar("Signed", bound=Strict)

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
    """Return what is stored, hashed and signed: every field, also those that are empty.

    Raises:
        LedgerCorrupt: It holds a lone surrogate.
    """
    try:
        # A strict model holds integers in range and text only, under names of ASCII.
        return _write(value.model_dump(mode="json"))
    except UnicodeEncodeError as error:
        message = f"This value has no canonical form: {error}."
        raise LedgerCorrupt(message) from error


def statement_hash(value: Strict) -> str:
    """Return the SHA-256 of what is signed, hexadecimal: its name before it has a place."""
    return hashlib.sha256(signed_bytes(value)).hexdigest()


def parse_signed(model: type[Signed], data: bytes) -> Signed:
    """Return the value whose canonical bytes these are; inverse of `signed_bytes`.

    Raises:
        LedgerCorrupt: The bytes are not canonical, not of this form, or leave a field out.
    """
    noun = _noun(model)
    try:
        value = model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "as a whole"
        message = f"These bytes are not a {noun}: {place}: {first['msg']}."
        raise LedgerCorrupt(message) from error
    if not _is_canonical(data, model):
        message = f"These bytes are a {noun}, but not in canonical form."
        raise LedgerCorrupt(message)
    return value


@cache
def _noun(model: type[Strict]) -> str:
    return _WORDS.sub(r" \1", model.__name__).lower().strip()


def _is_canonical(data: bytes, model: type[Strict]) -> bool:
    """Return whether typed JSON, free of floats, is written canonically and leaves nothing out.

    The model has taken the bytes already, so that no other field than its own can stand in them.
    """
    try:
        raw = _read(data)
        return _write(raw) == data and _is_whole(raw, model)
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
        return False


def _is_whole(raw: dict[str, Json], model: type[Strict]) -> bool:
    """Return whether every field of a model, and of the models in it, stands there."""
    count, parts = _shape(model)
    if len(raw) != count:
        return False
    for name, inner in parts:
        part = raw[name]
        for each in part if isinstance(part, list) else (part,):
            if isinstance(each, dict) and not _is_whole(each, inner):
                return False
    return True


@cache
def _shape(model: type[Strict]) -> tuple[int, tuple[tuple[str, type[Strict]], ...]]:
    """Return how many fields a model has, and which of them, by wire name, are models."""
    parts = (
        (field.alias or name, inner)
        for name, field in model.model_fields.items()
        for inner in _models_in(field.annotation)
    )
    return len(model.model_fields), tuple(parts)


def _models_in(annotation: object) -> Iterator[type[Strict]]:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each)


def _refuse_unknown(value: Json) -> None:
    if isinstance(value, dict):
        _refuse_keys(value)
        for each in value.values():
            _refuse_unknown(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_unknown(each)
    elif isinstance(value, int) and not isinstance(value, bool):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
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
