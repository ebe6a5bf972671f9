"""A leg's readings have one form and one order, and any other reading has another root."""

import json
import math

import numpy as np
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from custody.merkle import leaf_hash, root_of
from custody.reading_lines import number_texts
from custody.sealed_readings import (
    LegRoot,
    check_reading,
    check_seal,
    in_order,
    lines_of,
    parse_lines,
    prove_reading,
    read_file,
    write_file,
)
from schemas.errors import LedgerCorrupt, ReadingError
from schemas.reading import CHANNELS, NO_SEQ, ReadingBatch
from schemas.statement import Sealed
from tests.strategies_readings import BASE_US
from tests.strategies_seals import doubles, legs

Leg = tuple[ReadingBatch, list[str]]

ONE = (
    b'{"lat":"40.5","logger":"LG-1","measured_at":"2026-11-01T00:00:00.000001Z","seq":7,'
    b'"temp_c":"-170.25"}'
)


def one(**changes: float) -> ReadingBatch:
    """Return the reading whose line is ONE, with changes."""
    values = dict.fromkeys(CHANNELS, math.nan) | {"temp_c": -170.25, "lat": 40.5} | changes
    return ReadingBatch(
        logger=np.array([0]),
        time_us=np.array([BASE_US + 1]),
        seq=np.array([7]),
        received_us=np.array([0]),
        values=np.array([[values[channel] for channel in CHANNELS]]),
    )


def sealed_lines(leg: Leg) -> list[bytes]:
    return lines_of(in_order(*leg), leg[1])


def root(lines: list[bytes]) -> str:
    taken = LegRoot()
    taken.add(lines)
    return taken.root().hex()


def seal(lines: list[bytes], **changes: object) -> Sealed:
    fields: dict[str, object] = {
        "leg": 1,
        "from": None,
        "until": "9999-12-31T23:59:59.999Z",
        "count": len(lines),
        "root": root(lines),
        "earlier": None,
    }
    return Sealed.model_validate(fields | changes)


def test_a_reading_has_exactly_this_line() -> None:
    assert lines_of(one(), ["LG-1"]) == [ONE]


@given(leg=legs())
def test_readings_come_back_from_their_lines(leg: Leg) -> None:
    batch, serials = leg
    again, names = parse_lines(lines_of(batch, serials))
    assert [names[i] for i in again.logger] == [serials[i] for i in batch.logger]
    assert again.time_us.tolist() == batch.time_us.tolist()
    assert again.seq.tolist() == batch.seq.tolist()
    assert np.array_equal(again.values, batch.values, equal_nan=True)


@given(leg=legs())
def test_lines_are_canonical_json_of_what_was_measured(leg: Leg) -> None:
    for line in lines_of(*leg):
        assert rfc8785.dumps(json.loads(line)) == line


@given(values=st.lists(doubles, min_size=1))
@example([0.0, -0.0, 1e-7, 1e-6, 9.999e-6, 1e-5, 1e15, 1e16, 123456789012345680.0, 1e21, 5e-324])
def test_numbers_are_written_as_ecmascript_writes_them(values: list[float]) -> None:
    texts = number_texts(np.array(values))
    assert texts == [rfc8785.dumps(value).decode() for value in values]
    assert [float(text) for text in texts] == values


def test_minus_zero_is_zero() -> None:
    assert number_texts(np.array([-0.0])) == ["0"]


@given(leg=legs(), data=st.data())
def test_the_order_of_rows_never_matters(leg: Leg, data: st.DataObject) -> None:
    batch, serials = leg
    rows = data.draw(st.permutations(range(len(batch))))
    shuffled = batch.take(np.array(rows, dtype=np.int64))
    assert sealed_lines((shuffled, serials)) == sealed_lines(leg)


@given(leg=legs())
def test_the_root_is_that_of_the_log_over_the_lines(leg: Leg) -> None:
    lines = sealed_lines(leg)
    assert root(lines) == root_of(map(leaf_hash, lines)).hex()


@given(leg=legs(), cut=st.integers(0, 30))
def test_splitting_a_leg_into_chunks_changes_nothing(leg: Leg, cut: int) -> None:
    lines = sealed_lines(leg)
    taken = LegRoot()
    taken.add(lines[:cut])
    taken.add(lines[cut:])
    assert (taken.root().hex(), taken.count) == (root(lines), len(lines))


@given(leg=legs(min_size=1), data=st.data())
def test_any_changed_value_changes_the_root(leg: Leg, data: st.DataObject) -> None:
    batch, serials = leg
    row = data.draw(st.integers(0, len(batch) - 1))
    channel = data.draw(st.integers(0, len(CHANNELS) - 1))
    value = data.draw(st.just(math.nan) | doubles)
    values = batch.values.copy()
    values[row, channel] = value
    other = ReadingBatch(
        logger=batch.logger,
        time_us=batch.time_us,
        seq=batch.seq,
        received_us=batch.received_us,
        values=values,
    )
    same = np.array_equal(values, batch.values, equal_nan=True)
    assert (root(sealed_lines((other, serials))) == root(sealed_lines(leg))) == same


@given(leg=legs(min_size=1), data=st.data())
def test_a_removed_or_added_reading_changes_the_root(leg: Leg, data: st.DataObject) -> None:
    batch, serials = leg
    row = data.draw(st.integers(0, len(batch) - 1))
    fewer = batch.take(np.delete(np.arange(len(batch)), row))
    assert root(sealed_lines((fewer, serials))) != root(sealed_lines(leg))


@given(leg=legs(min_size=1), data=st.data(), step=st.sampled_from([-1, 1]))
def test_a_moved_reading_changes_the_root(leg: Leg, data: st.DataObject, step: int) -> None:
    batch, serials = leg
    row = data.draw(st.integers(0, len(batch) - 1))
    moved = batch.time_us.copy()
    moved[row] += step if BASE_US - 10**9 < moved[row] < BASE_US + 10**12 else 0
    other = ReadingBatch(
        logger=batch.logger,
        time_us=moved,
        seq=batch.seq,
        received_us=batch.received_us,
        values=batch.values,
    )
    same = moved.tolist() == batch.time_us.tolist()
    assert (root(sealed_lines((other, serials))) == root(sealed_lines(leg))) == same


@given(leg=legs())
def test_a_seal_holds_for_its_own_readings(leg: Leg) -> None:
    lines = sealed_lines(leg)
    assert read_file(write_file(lines)) == lines
    check_seal(seal(lines), lines)


@given(leg=legs(min_size=2), data=st.data())
def test_no_other_order_of_lines_passes_even_with_its_own_root(
    leg: Leg, data: st.DataObject
) -> None:
    lines = sealed_lines(leg)
    other = data.draw(st.permutations(lines))
    if other == lines:
        check_seal(seal(other), other)
    else:
        with pytest.raises(LedgerCorrupt, match="does not stand where it belongs"):
            check_seal(seal(other), other)


def test_a_reading_twice_is_refused() -> None:
    with pytest.raises(LedgerCorrupt, match="Line 2"):
        check_seal(seal([ONE, ONE]), [ONE, ONE])


@pytest.mark.parametrize(
    ("bounds", "holds"),
    [
        ({"from": "2026-11-01T00:00:00.000Z", "until": "2026-11-01T00:00:00.001Z"}, True),
        ({"from": "2026-11-01T00:00:00.001Z", "until": "2026-11-01T00:00:00.002Z"}, False),
        ({"until": "2026-11-01T00:00:00.000Z"}, False),
    ],
)
def test_a_reading_outside_of_its_leg_is_refused(bounds: dict[str, str], *, holds: bool) -> None:
    if holds:
        check_seal(seal([ONE], **bounds), [ONE])
    else:
        with pytest.raises(LedgerCorrupt, match="outside of leg 1"):
            check_seal(seal([ONE], **bounds), [ONE])


@given(leg=legs(min_size=1), data=st.data())
def test_one_reading_is_proved_without_the_others(leg: Leg, data: st.DataObject) -> None:
    lines = sealed_lines(leg)
    index = data.draw(st.integers(0, len(lines) - 1))
    proof = prove_reading(lines, index)
    check_reading(lines[index], index, seal(lines), proof)
    with pytest.raises(LedgerCorrupt):
        check_reading(ONE, index, seal(lines), proof)


@given(data=st.data())
def test_no_changed_byte_of_a_line_passes_as_the_same_reading(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(ONE) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != ONE[at]))
    other = ONE[:at] + bytes([byte]) + ONE[at + 1 :]
    with pytest.raises(LedgerCorrupt):
        check_seal(seal([ONE]), [other])


@pytest.mark.parametrize(
    "line",
    [
        ONE.replace(b'"-170.25"', b'"-170.250"'),
        ONE.replace(b'"-170.25"', b"-170.25"),
        ONE.replace(b'"-170.25"', b'"-0"'),
        ONE.replace(b'"-170.25"', b'"1_0"'),
        ONE.replace(b'"-170.25"', b'"NaN"'),
        ONE.replace(b'"-170.25"', b'"Infinity"'),
        ONE.replace(b'"-170.25"', b'""'),
        ONE.replace(b'"-170.25"', '"-170.2٥"'.encode()),
        ONE.replace(b'"-170.25"', b"null"),
        ONE.replace(b"}", b',"temp_c":"-170.25"}'),
        ONE.replace(b"}", b',"colour":"1"}'),
        ONE.replace(b'"seq":7', b'"seq":-1'),
        ONE.replace(b'"seq":7', b'"seq":7.0'),
        ONE.replace(b'"seq":7', b'"seq":9007199254740992'),
        ONE.replace(b'"logger":"LG-1",', b""),
        ONE.replace(b'"LG-1"', b'"LG\\u002d1"'),
        ONE.replace(b'"LG-1"', b'"\\ud800"'),
        ONE.replace(b"T", b" "),
        ONE.replace(b".000001Z", b".000001+00:00"),
        ONE.replace(b".000001Z", b".0Z"),
        ONE.replace(b"2026-11-01", b"2026-02-30"),
        ONE.replace(b"2026", b"0000"),
        ONE + b" ",
        b"",
        b"[]",
        b"\xff",
    ],
)
def test_a_line_in_any_other_form_is_refused(line: bytes) -> None:
    with pytest.raises(LedgerCorrupt):
        parse_lines([line])


@pytest.mark.parametrize("data", [ONE, ONE + b"\n\n", b"\n", ONE + b"\r\n"])
def test_a_file_that_is_not_lines_is_refused(data: bytes) -> None:
    with pytest.raises(LedgerCorrupt):
        read_file(data)


@given(st.binary(max_size=200))
def test_rubbish_is_refused_with_the_one_error(data: bytes) -> None:
    try:
        lines = read_file(data)
    except LedgerCorrupt:
        return
    assert write_file(lines) == data


@pytest.mark.parametrize(
    ("seq", "time_us", "temp_c"),
    [
        (2**53, BASE_US, 1.0),
        (NO_SEQ - 1, BASE_US, 1.0),
        (1, BASE_US, math.inf),
        (1, BASE_US, -math.inf),
        (1, 253_402_300_800_000_000, 1.0),
        (1, -62_135_596_800_000_001, 1.0),
    ],
)
def test_what_no_logger_can_have_sent_has_no_line(seq: int, time_us: int, temp_c: float) -> None:
    batch = one(temp_c=temp_c)
    impossible = ReadingBatch(
        logger=batch.logger,
        time_us=np.array([time_us]),
        seq=np.array([seq]),
        received_us=batch.received_us,
        values=batch.values,
    )
    with pytest.raises(ReadingError):
        lines_of(impossible, ["LG-1"])


def test_an_empty_leg_has_the_empty_root() -> None:
    assert root([]) == root_of([]).hex()
    check_seal(seal([]), [])


def test_too_few_lines_and_a_wrong_root_are_told_apart() -> None:
    with pytest.raises(LedgerCorrupt, match="over 2 readings; here are 1"):
        check_seal(seal([ONE], count=2), [ONE])
    with pytest.raises(LedgerCorrupt, match="not the one sealed"):
        check_seal(seal([ONE], root="00" * 32), [ONE])
