"""Instants: aware datetimes in UTC at the rim, integer microseconds since 1970 in columns."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(at: datetime) -> int:
    """Return microseconds since 1970 UTC of an aware datetime, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def from_us(time_us: int) -> datetime:
    """Return the aware datetime, UTC, of microseconds since 1970; exactly."""
    return _EPOCH + timedelta(microseconds=int(time_us))
