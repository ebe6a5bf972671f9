"""One file out of several: a ZIP whose bytes are a function of its members, and the way back.

Anybody's archiver opens it. Nothing in it is free: a verifier makes the ZIP again from what it
found and compares, so a changed byte is damage even where an archiver would not look.

Source: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16; `docs/bundle.md`.
"""

import re
import struct
import zlib
from collections.abc import Mapping
from typing import NoReturn

from schemas.errors import LedgerCorrupt

MOST_MEMBERS = 65_534
LONGEST_NAME = 100
_is_name = re.compile(f"[!-~]{{1,{LONGEST_NAME}}}").fullmatch
MOST_BYTES = 2**32 - 1

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NEEDS = 20
_MADE_BY = 3 << 8 | _NEEDS
_MADE_ON = 1 << 5 | 1
"""1980-01-01, the first day that a ZIP can write down."""
_MODE = 0o644 << 16


def build(members: Mapping[str, bytes]) -> bytes:
    """Return the file with these members; the same members always give the same bytes.

    Raises:
        LedgerCorrupt: A name is not 1 to 100 printable ASCII characters without blanks, or there
            are more members or bytes than a ZIP holds.
    """
    _refuse_names(members)
    local, central = bytearray(), bytearray()
    for name in sorted(members):
        data, name_bytes = members[name], name.encode("ascii")
        # flags, method, time: none; stored, so both sizes are the same; no extra field
        about = (0, 0, 0, _MADE_ON, zlib.crc32(data), len(data), len(data), len(name_bytes), 0)
        place = len(local)
        _refuse_size(place + len(data))
        local += _LOCAL.pack(_LOCAL_MARK, _NEEDS, *about) + name_bytes + data
        central += _CENTRAL.pack(_CENTRAL_MARK, _MADE_BY, _NEEDS, *about, 0, 0, 0, _MODE, place)
        central += name_bytes
    _refuse_size(len(local) + len(central) + _END.size)
    count = len(members)
    end = _END.pack(_END_MARK, 0, 0, count, count, len(central), len(local), 0)
    return bytes(local + central + end)


def open_container(data: bytes) -> dict[str, bytes]:
    """Return the members by name; inverse of `build`.

    Raises:
        LedgerCorrupt: These are not, byte for byte, what `build` makes of any members.
    """
    members: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == _LOCAL_MARK and at + _LOCAL.size <= len(data):
        *_, crc, size, _, name_length, _extra = _LOCAL.unpack_from(data, at)
        name_at = at + _LOCAL.size
        data_at = name_at + name_length
        member = data[data_at : data_at + size]
        if zlib.crc32(member) != crc:  # `build` finds it too, and later
            _refuse()
        members[data[name_at:data_at].decode("latin-1")] = member
        at = data_at + size
    if build(members) != data:
        _refuse()
    return members


def _refuse_names(members: Mapping[str, bytes]) -> None:
    if len(members) > MOST_MEMBERS:
        message = f"A file holds at most {MOST_MEMBERS} members."
        raise LedgerCorrupt(message)
    for name in members:
        if not _is_name(name):
            message = f"{name[:LONGEST_NAME]!r} cannot be the name of a member."
            raise LedgerCorrupt(message)


def _refuse() -> NoReturn:
    message = "These bytes are not a receipt or a bundle, or some of them were changed."
    raise LedgerCorrupt(message)


def _refuse_size(size: int) -> None:
    if size > MOST_BYTES:
        message = "A file holds less than 4 GiB."
        raise LedgerCorrupt(message)
