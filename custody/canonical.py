"""Bytes that mean one thing only: RFC 8785 JSON without floats, and the one way to read it back."""

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn

from pydantic import ValidationError

from schemas.errors import LedgerCorrupt
from schemas.statement import Statement

Json = str | int | None | Sequence["Json"] | Mapping[str, "Json"]
"""JSON without floats; integers within ±(2⁵³ - 1), keys of ASCII."""

_LARGEST = 2**53 - 1
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def encode(value: Json) -> bytes:
    """Return the canonical bytes of a value.

    Without floats, and with keys of ASCII, the standard library writes what RFC 8785 asks for:
    it sorts keys by code points, which for ASCII are the UTF-16 units of the RFC, and escapes
    the same characters in the same way. It does so in C; audits spend their time here.

    Raises:
        LedgerCorrupt: The value holds a float, an integer beyond ±(2⁵³ - 1), a lone surrogate,
            a key that is not ASCII text, or anything else that the ledger does not know.

    Source: RFC 8785.
    """
    try:
        _refuse_unknown(value)
        return _write(value).encode("utf-8")
    except (UnicodeEncodeError, RecursionError) as error:
        message = f"This value has no canonical form: {error}."
        raise LedgerCorrupt(message) from error


def load(data: bytes) -> Json:
    """Return the value of JSON bytes, whose form is not checked: write it again and compare.

    Raises:
        LedgerCorrupt: The bytes are not JSON, or hold a float.
    """
    try:
        value: Json = json.loads(
            data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float
        )
    except (ValueError, RecursionError) as error:
        message = f"These bytes are not JSON of the ledger's kind: {error}."
        raise LedgerCorrupt(message) from error
    return value


def decode(data: bytes) -> Json:
    """Return the value whose canonical bytes these are; inverse of `encode`.

    Raises:
        LedgerCorrupt: The bytes are not JSON, or not in canonical form: duplicate or unsorted
            keys, floats, blanks, needless escapes, lone surrogates, anything after the end.
    """
    value = load(data)
    # Writing it again finds whatever else is amiss: a duplicate key, for one, is gone by now.
    if encode(value) != data:
        message = "These bytes are JSON, but not in canonical form."
        raise LedgerCorrupt(message)
    return value


def statement_bytes(statement: Statement) -> bytes:
    """Return what is stored, hashed and signed: every field, also those that are empty."""
    return encode(statement.model_dump(mode="json"))


def parse_statement(data: bytes) -> Statement:
    """Return the statement whose canonical bytes these are; inverse of `statement_bytes`.

    Raises:
        LedgerCorrupt: The bytes are not canonical, not a statement, or leave a field out.
    """
    try:
        statement = Statement.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "as a whole"
        message = f"These bytes are not a statement: {place}: {first['msg']}."
        raise LedgerCorrupt(message) from error
    # Writing it again finds whatever else is amiss: blanks, a duplicate key, a field left out.
    if statement_bytes(statement) != data:
        message = "These bytes are a statement, but not in canonical form."
        raise LedgerCorrupt(message)
    return statement


def _no_float(text: str) -> NoReturn:
    message = f"{text[:40]} is a float"
    raise ValueError(message)


def _refuse_unknown(value: Json) -> None:
    if isinstance(value, dict):
        _refuse_keys(value)
        for each in value.values():
            _refuse_unknown(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_unknown(each)
    elif isinstance(value, int):
        if not -_LARGEST <= value <= _LARGEST:
            message = "An integer lies beyond ±(2⁵³ - 1), where JSON's readers part."
            raise LedgerCorrupt(message)
    elif not isinstance(value, str | None):
        message = f"{type(value).__name__} is not allowed in hashed bytes"
        raise LedgerCorrupt(message)


def _refuse_keys(value: Mapping[str, Json]) -> None:
    for key in value:
        if not isinstance(key, str) or not key.isascii():
            message = f"{key!r} is not a key of ASCII text"
            raise LedgerCorrupt(message)
