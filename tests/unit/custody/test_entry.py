"""An entry comes back from its bytes, and its hash covers all of them."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.canonical import Json, decode, encode
from custody.entry import NO_ENTRY, Entry, instant_text, parse_entry, whole_milliseconds
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, Envelope, Signature
from schemas.errors import LedgerCorrupt
from tests.strategies_custody import hashes_hex, identifiers, leaf_hashes

entries = st.builds(
    Entry,
    index=st.integers(0, 2**53 - 1),
    order=identifiers,
    order_sequence=st.integers(1, 2**53 - 1),
    previous=leaf_hashes,
    recorded_at=st.datetimes(timezones=st.just(UTC)).map(whole_milliseconds),
    keys=leaf_hashes,
    conflict_with=st.none() | leaf_hashes,
    envelope=st.builds(
        Envelope,
        payload_type=st.sampled_from([STATEMENT_TYPE, KEY_STATEMENT_TYPE]),
        payload=st.binary(max_size=80),
        signatures=st.lists(
            st.builds(Signature, key_id=hashes_hex, signature=st.binary(min_size=64, max_size=64)),
            max_size=2,
        ).map(tuple),
    ),
)
KNOWN = Entry(
    index=0,
    order="A-1",
    order_sequence=1,
    previous=NO_ENTRY,
    recorded_at=datetime(2026, 11, 21, 10, 0, 0, 123_000, tzinfo=UTC),
    keys=bytes([1] * 32),
    envelope=Envelope(
        payload_type=STATEMENT_TYPE,
        payload=b"{}",
        signatures=(Signature(key_id="ab" * 32, signature=bytes(64)),),
    ),
)

ENVELOPE = KNOWN.envelope.to_json()


@given(entries)
def test_an_entry_comes_back_from_its_bytes(entry: Entry) -> None:
    assert parse_entry(entry.to_bytes()) == entry


@given(entries, st.data())
def test_no_other_bytes_are_read_as_an_entry(entry: Entry, data: st.DataObject) -> None:
    """Reading compares with what was read, not with what would be written: the two must agree."""
    written = bytearray(entry.to_bytes())
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] = data.draw(st.sampled_from(b'0aAfF+.:"{} \\e9Z=/,') | st.integers(0, 255))
    with contextlib.suppress(LedgerCorrupt):
        assert parse_entry(bytes(written)).to_bytes() == bytes(written)


def test_bytes_and_hash_of_a_known_entry_never_change() -> None:
    data = (
        b'{"conflict_with":null,"envelope":{"payload":"e30=",'
        b'"payloadType":"application/vnd.unbroken.statement+json;v=2","signatures":[{"keyid":"'
        + b"ab" * 32
        + b'","sig":"'
        + b"A" * 86
        + b'=="}]},"index":0,"keys":"'
        + b"01" * 32
        + b'","order":"A-1","order_sequence":1,"previous":"'
        + b"0" * 64
        + b'","recorded_at":"2026-11-21T10:00:00.123Z","v":2}'
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
        ("v", 1),
        ("v", "2"),
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
        ("keys", None),
        ("conflict_with", "00"),
        ("envelope", None),
        ("envelope", ENVELOPE | {"payload": "e30"}),
        ("envelope", ENVELOPE | {"payload": "e31="}),
        ("envelope", ENVELOPE | {"payload": "é"}),
        ("envelope", ENVELOPE | {"signatures": [{"keyid": "ab", "sig": "AA=="}]}),
        ("envelope", ENVELOPE | {"signatures": ["x"]}),
        ("envelope", ENVELOPE | {"extra": 1}),
        ("extra", 1),
    ],
)
def test_an_entry_with_one_fault_is_refused(field: str, value: Json) -> None:
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
