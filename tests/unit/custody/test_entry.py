"""An entry comes back from its bytes, and its hash covers all of them."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.canonical import decode, encode
from custody.entry import NO_ENTRY, Entry, instant_text, parse_entry, whole_milliseconds
from schemas.errors import LedgerCorrupt
from tests.strategies_custody import identifiers, leaf_hashes

entries = st.builds(
    Entry,
    index=st.integers(0, 2**53 - 1),
    order=identifiers,
    order_sequence=st.integers(1, 2**53 - 1),
    previous=leaf_hashes,
    recorded_at=st.datetimes(timezones=st.just(UTC)).map(whole_milliseconds),
    statement=st.binary(max_size=80),
)
KNOWN = Entry(
    index=0,
    order="A-1",
    order_sequence=1,
    previous=NO_ENTRY,
    recorded_at=datetime(2026, 11, 21, 10, 0, 0, 123_000, tzinfo=UTC),
    statement=b"{}",
)


@given(entries)
def test_an_entry_comes_back_from_its_bytes(entry: Entry) -> None:
    assert parse_entry(entry.to_bytes()) == entry


def test_bytes_and_hash_of_a_known_entry_never_change() -> None:
    data = (
        b'{"index":0,"order":"A-1","order_sequence":1,"previous":"' + b"0" * 64 + b'",'
        b'"recorded_at":"2026-11-21T10:00:00.123Z","signatures":[],"statement":"e30=","v":1}'
    )
    assert KNOWN.to_bytes() == data
    assert KNOWN.leaf_hash == sha256(b"\x00" + data).digest()


@given(entries, st.data())
def test_any_altered_byte_is_refused_or_changes_the_hash(entry: Entry, data: st.DataObject) -> None:
    original = entry.to_bytes()
    altered = bytearray(original)
    at = data.draw(st.integers(0, len(original) - 1))
    altered[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(LedgerCorrupt):
        assert parse_entry(bytes(altered)).leaf_hash != entry.leaf_hash


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("v", "1"),
        ("index", -1),
        ("index", "0"),
        ("index", None),
        ("order", 1),
        ("previous", "00"),
        ("previous", "zz" * 32),
        ("previous", "AB" * 32),
        ("recorded_at", "2026-11-21"),
        ("recorded_at", "2026-11-21T10:00:00.123+00:00"),
        ("recorded_at", "0001-01-01T00:00:00.000+14:00"),
        ("statement", "e30"),
        ("statement", "e31="),
        ("statement", "é"),
        ("signatures", ["x"]),
        ("extra", 1),
    ],
)
def test_an_entry_with_one_fault_is_refused(field: str, value: str) -> None:
    fields = decode(KNOWN.to_bytes())
    assert isinstance(fields, dict)
    with pytest.raises(LedgerCorrupt):
        parse_entry(encode(fields | {field: value}))


def test_an_entry_without_a_field_is_refused() -> None:
    with pytest.raises(LedgerCorrupt):
        parse_entry(b"{}")
    with pytest.raises(LedgerCorrupt):
        parse_entry(b"[]")


def test_instants_are_cut_to_milliseconds_of_utc() -> None:
    east = timezone(timedelta(hours=2))
    instant = whole_milliseconds(datetime(2026, 11, 21, 12, 0, 0, 123_999, tzinfo=east))
    assert instant_text(instant) == "2026-11-21T10:00:00.123Z"
