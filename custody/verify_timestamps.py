"""Step 11: did somebody outside stamp a checkpoint? Whom to trust is the reader's matter."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec

from custody.note import VerifierKey
from custody.verify_opened import Opened, SignedCheckpoint
from custody.verify_result import Code, Finding, Severity

_GRANTED = (0, 1)
_HASHES = {32: hashlib.sha256, 48: hashlib.sha384, 64: hashlib.sha512}
"""By length of the imprint."""


def check_timestamps(opened: Opened) -> Iterator[Finding]:
    """Yield each timestamp that is of something else, and a note that authorities are not known."""
    if not opened.timestamps:
        return
    yield Finding(
        code=Code.TIMESTAMP_NOT_CHECKED,
        severity=Severity.NOTE,
        sentence="Who signed the timestamps is not checked: "
        + ("no authority is known here." if _available() else "rfc3161-client is not installed."),
    )
    by_size = {each.checkpoint.size: each for each in opened.checkpoints}
    for size, response in opened.timestamps.items():
        stamped = stamped_bytes(by_size[size], opened.log_key)
        if _available() and not _is_of(response, stamped):
            yield Finding(
                code=Code.TIMESTAMP_BAD,
                sentence=f"The timestamp is not one of the checkpoint of size {size}.",
            )


def stamped_bytes(signed: SignedCheckpoint, log_key: VerifierKey) -> bytes:
    """Return what an authority stamps: the note with the log's signatures alone."""
    own = tuple(
        one
        for one in signed.note.signatures
        if (one.name, one.key_id) == (log_key.name, log_key.key_id)
    )
    return replace(signed.note, signatures=own).to_bytes()


def _available() -> bool:
    return find_spec("rfc3161_client") is not None


def _is_of(response: bytes, stamped: bytes) -> bool:
    from rfc3161_client import decode_timestamp_response

    try:
        decoded = decode_timestamp_response(response)
        if decoded.status not in _GRANTED:
            return False
        imprint = decoded.tst_info.message_imprint.message
    except ValueError:
        return False
    hashed = _HASHES.get(len(imprint))
    return hashed is not None and hashed(stamped).digest() == imprint
