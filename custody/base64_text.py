"""Standard base64 (RFC 4648 section 4), each value in exactly one writing."""

import base64
import binascii

from schemas.errors import LedgerCorrupt


def to_base64(raw: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str) -> bytes:
    """Return the bytes of standard base64 in its one canonical writing.

    Raises:
        LedgerCorrupt: Another alphabet, padding missing or superfluous, or unused bits set.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"This is not base64: {error}."
        raise LedgerCorrupt(message) from error
    if to_base64(raw) != text:
        message = "This base64 is not written in its canonical form."
        raise LedgerCorrupt(message)
    return raw
