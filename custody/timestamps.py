"""Timestamps of a checkpoint by an outside authority (RFC 3161); needs the extra `timestamps`.

What is stamped is the note with the log's signature alone, as `ledger_checkpoint.note` has it.
"""

from datetime import datetime, timedelta

import httpx

from schemas.errors import ConfigurationError, LedgerCorrupt
from store.checkpoints import (
    TimestampRow,
    find_last_checkpoint,
    find_last_timestamp_at,
    insert_timestamp,
)
from store.database import Engine, transaction

TIMEOUT_S = 20.0
_EVERY = timedelta(days=1)
_AGAIN_AFTER = timedelta(minutes=10)
_GRANTED = (0, 1)
_QUERY = {"Content-Type": "application/timestamp-query"}


class Stamper:
    """Has checkpoints stamped by one authority: one a day, and whenever asked."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self._url, self._client = url, client
        self._next_at: datetime | None = None

    def stamp_if_due(self, engine: Engine, now: datetime) -> None:
        """Stamp the last checkpoint a day after the last stamp; after a failure, in ten minutes.

        Raises:
            As `stamp`.
        """
        if self._next_at is None:
            with transaction(engine) as session:
                before = find_last_timestamp_at(session)
            self._next_at = before + _EVERY if before else now
        if now < self._next_at:
            return
        self._next_at = now + _AGAIN_AFTER
        if self.stamp(engine, now) is not None:
            self._next_at = now + _EVERY

    def stamp(self, engine: Engine, now: datetime) -> TimestampRow | None:
        """Return the stamp of the last checkpoint, made now and stored; None without checkpoint.

        Raises:
            ConfigurationError: The library is not installed.
            LedgerCorrupt: The answer is no timestamp of the checkpoint.
            httpx.HTTPError: The authority cannot be reached, or refuses.
        """
        with transaction(engine) as session:
            last = find_last_checkpoint(session)
        if last is None:
            return None
        response = request_timestamp(self._client, self._url, last.note)
        row = TimestampRow(size=last.size, authority=self._url, response=response, at=now)
        with transaction(engine) as session:
            insert_timestamp(session, row)
        return row


def available() -> bool:
    """Return whether the library for timestamps is installed."""
    try:
        import rfc3161_client  # noqa: F401
    except ImportError:
        return False
    return True


def request_timestamp(client: httpx.Client, url: str, data: bytes) -> bytes:
    """Return the authority's response over these bytes, DER.

    It is checked that the response is granted, and about these bytes and this request. Whether
    the authority is to be trusted is for those who verify, who know its certificate.

    Args:
        client: To ask with.
        url: Of the authority.
        data: What is stamped, by its SHA-512.

    Raises:
        ConfigurationError: The library is not installed.
        LedgerCorrupt: The answer is no timestamp of these bytes.
        httpx.HTTPError: The authority cannot be reached, or refuses.
    """
    if not available():
        raise ConfigurationError(
            "Timestamps need rfc3161-client: pip install 'unbroken[timestamps]'."
        )
    from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response

    request = TimestampRequestBuilder().data(data).build()
    answer = client.post(url, content=request.as_bytes(), headers=_QUERY, timeout=TIMEOUT_S)
    answer.raise_for_status()
    try:
        response = decode_timestamp_response(answer.content)
        granted = response.status in _GRANTED
        info = response.tst_info if granted else None
    except ValueError as error:
        raise LedgerCorrupt(f"The timestamp authority's answer is no timestamp: {error}") from error
    if info is None:
        raise LedgerCorrupt(f"The timestamp authority refused: status {response.status}.")
    fits = info.message_imprint.message == request.message_imprint.message
    if not fits or info.nonce != request.nonce:
        raise LedgerCorrupt("The timestamp authority answered another request.")
    return answer.content
