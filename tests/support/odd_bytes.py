"""Bytes and fields that are nearly right: what readers of text and JSON are tried with."""

import base64
import json
import random
from copy import deepcopy
from typing import Any

from custody.canonical import encode
from schemas.errors import LedgerCorrupt

SCRAPS = (
    *(b"", b" ", b"\n", b"\r", b"\t", b"\x00", b"\x1f", b"\x7f", b"0", b"-", b"1", b"=", b"+"),
    *(b"\xff", b"\xc3\xa9", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf0\x9f\xa7\xac"),
    *(b"null", b"true", b"1e3", b"1.0", b'"', b"\\u0041", b"\\ud800", b"9007199254740993", b","),
    *(b"\n\n", b"\xe2\x80\x94 ", b"#", b"log", b"quorum none\n", b"}", b"[]", b"none", b"any"),
)
"""What is put in at a random place: each has made some reader of text differ from another."""

VALUES: tuple[Any, ...] = (
    *(None, "", 0, 1, -1, 2**53 - 1, 2**53, [], {}, "x", "a" * 64, "0" * 64, True, "no", "yes"),
    *("2026-02-30T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "2026-11-01T06:00:00.000Z", "é\n"),
    *("maker", "courier", "clinic", "offer", "accept", "store", "correct", "signer", "verifier"),
    *(
        "\N{DNA DOUBLE HELIX}" * 2000,
        "\N{DNA DOUBLE HELIX}" * 2001,
        "x" * 90,
        "x" * 91,
        " x",
        ["x"],
        "An\u200bn",
        "\u202ennA",
        "An\x9fn",
        "Ann\u2070",
    ),
)
"""What a field is changed into."""


def changed(data: bytes, rng: random.Random) -> bytes:
    """Flip a bit, cut, or put something in."""
    at = rng.randrange(len(data) + 1)
    match rng.randrange(5):
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + rng.randrange(1, 5) :]
        case 2:
            lines = data.splitlines(keepends=True)
            rng.shuffle(lines)
            return b"".join(lines)
        case 3:
            return data[:at]
        case _:
            return data[:at] + rng.choice(SCRAPS) + data[at + rng.randrange(2) :]


def edited_statement(data: bytes, rng: random.Random) -> bytes:
    """Change a field of the entry, or of what was said in it."""
    if rng.random() < 0.4:
        return edited(data, rng)
    entry = json.loads(data)
    payload = base64.b64decode(entry["envelope"]["payload"])
    entry["envelope"]["payload"] = base64.b64encode(edited(payload, rng)).decode()
    return _canonical(entry)


def edited(data: bytes, rng: random.Random) -> bytes:
    """Change a random field of canonical JSON, into anything or into what another field says."""
    document = json.loads(data)
    places = list(_places(document))
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.append(holder[key])
        case 2:
            other, name = rng.choice(places)
            holder[key] = deepcopy(other[name])
        case 3 if isinstance(holder[key], int):
            holder[key] += rng.choice((-1, 1))
        case 4 if isinstance(holder[key], str) and holder[key]:
            holder[key] = changed(holder[key].encode(), rng).decode(errors="ignore")
        case _:
            holder[key] = rng.choice(VALUES)
    return _canonical(document)


def _canonical(document: Any) -> bytes:
    """Return canonical bytes, or for what has none something near."""
    try:
        return encode(document)
    except LedgerCorrupt:
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a document that holds a value."""
    if isinstance(value, dict):
        items: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return []
    return [(value, key) for key, _ in items] + [
        place for _, each in items for place in _places(each)
    ]
