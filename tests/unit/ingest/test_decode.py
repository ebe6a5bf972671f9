"""Decoding: every message ends as readings or as a fault, and never as anything else."""

import json
from typing import Any

import cbor2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.decode import Decoded, Limits, decode
from ingest.message import Message
from schemas.errors import QuarantineReason
from schemas.reading import CHANNELS, NO_SEQ
from simulator.senml import Reading, to_cbor, to_json
from tests.strategies_senml import NOW_US, SERIAL, mutated, packs, readings

LIMITS = Limits(
    future_us=300 * 1_000_000, oldest_us=400 * 86_400_000_000, message_bytes=4 * 1024 * 1024
)
JSON_TYPE, CBOR_TYPE = "application/senml+json", "application/senml+cbor"


def messages_of(*payloads: bytes, content_type: str | None = None) -> list[Message]:
    topic = f"unbroken/v1/{SERIAL}/readings"
    return [Message(1, 1, topic, payload, content_type, NOW_US) for payload in payloads]


def decode_one(payload: bytes, content_type: str | None = None) -> Decoded:
    return decode(messages_of(payload, content_type=content_type), LIMITS)


def reason_of(payload: bytes) -> QuarantineReason:
    return decode_one(payload).faults[0].reason


def pack_of(**fields: object) -> bytes:
    record = {"bn": f"{SERIAL}/", "bt": NOW_US / 1e6 - 60, "n": "temp", "u": "Cel", "v": -170.5}
    return json.dumps([record | fields]).encode()


def column(decoded: Decoded, channel: str) -> list[float]:
    values: list[float] = decoded.readings.values[:, CHANNELS.index(channel)].tolist()
    return values


@given(payload=st.binary(max_size=400), content_type=st.sampled_from([None, JSON_TYPE, CBOR_TYPE]))
@example(payload=b"", content_type=None)
@example(payload=b"[]", content_type=None)
@example(payload=b"[" * 100_000, content_type=None)
@example(payload=b'[{"x":' + b"[" * 100_000, content_type=None)
@example(payload=b"\x81" * 100_000, content_type=None)
@example(payload=b"\x9b\x0f" + b"\xff" * 7, content_type=None)
@example(payload=b"\x81\xbb\x0f" + b"\xff" * 7, content_type=None)
@example(payload=b"\x81\x7b\x0f" + b"\xff" * 7, content_type=None)
@example(payload=b"\x81\xd8\x1c\xa1\x02\xd8\x1d\x00", content_type=None)
@example(payload=pack_of().replace(b"-170.5", b"1" + b"0" * 400), content_type=None)
@example(payload=cbor2.dumps([{0: "temp", 1: "Cel", 2: 10**400}]), content_type=None)
def test_any_bytes_end_as_readings_or_as_a_fault(payload: bytes, content_type: str | None) -> None:
    decoded = decode_one(payload, content_type)
    assert (len(decoded.readings) > 0) != (0 in decoded.faults)


@given(payload=packs().flatmap(mutated), content_type=st.sampled_from([None, JSON_TYPE, CBOR_TYPE]))
def test_a_mutated_pack_ends_as_readings_or_as_a_fault(
    payload: bytes, content_type: str | None
) -> None:
    decoded = decode_one(payload, content_type)
    assert (len(decoded.readings) > 0) != (0 in decoded.faults)
    values, times = decoded.readings.values, decoded.readings.time_us
    assert not np.isinf(values).any()
    assert (times <= NOW_US + LIMITS.future_us).all()
    assert (times >= NOW_US - LIMITS.oldest_us).all()


@given(parts=st.lists(packs().flatmap(mutated), max_size=6))
def test_a_message_decodes_alike_alone_and_among_others(parts: list[bytes]) -> None:
    together = decode(messages_of(*parts), LIMITS)
    for index, part in enumerate(parts):
        alone = decode_one(part)
        rows = np.flatnonzero(together.message == index)
        assert (index in together.faults) == (0 in alone.faults)
        assert together.readings.time_us[rows].tolist() == alone.readings.time_us.tolist()
        assert together.readings.seq[rows].tolist() == alone.readings.seq.tolist()
        np.testing.assert_array_equal(together.readings.values[rows], alone.readings.values)


@pytest.mark.parametrize("write", [to_json, to_cbor])
@given(sent=readings())
def test_what_a_logger_wrote_is_what_is_decoded(write: Any, sent: list[Reading]) -> None:
    decoded = decode_one(write(SERIAL, sent))
    assert decoded.faults == {}
    assert decoded.readings.time_us.tolist() == [reading.measured_us for reading in sent]
    assert decoded.readings.seq.tolist() == [reading.seq for reading in sent]
    for channel, name, scale in (
        ("temp_c", "temp", 1.0),
        ("humidity_pct", "humidity", 1.0),
        ("lat", "lat", 1.0),
        ("tilt_deg", "tilt", 180.0 / np.pi),
        ("shock_g", "shock", 1 / 9.80665),
        ("lid_open", "lid", 1.0),
    ):
        expected = [reading.channels.get(name, np.nan) * scale for reading in sent]
        np.testing.assert_allclose(column(decoded, channel), expected, rtol=1e-15)


@given(sent=readings())
def test_json_and_cbor_say_the_same(sent: list[Reading]) -> None:
    in_json, in_cbor = decode_one(to_json(SERIAL, sent)), decode_one(to_cbor(SERIAL, sent))
    np.testing.assert_array_equal(in_json.readings.values, in_cbor.readings.values)
    assert in_json.readings.time_us.tolist() == in_cbor.readings.time_us.tolist()


@given(sent=readings(), at=st.integers(1, 10_000))
def test_a_pack_cut_short_is_a_fault(sent: list[Reading], at: int) -> None:
    for whole in (to_json(SERIAL, sent), to_cbor(SERIAL, sent)):
        cut = whole[: at % len(whole)]
        assert reason_of(cut) is QuarantineReason.UNDECODABLE


@given(sent=readings(), more=st.binary(min_size=1, max_size=9).filter(bytes.strip))
def test_bytes_behind_a_pack_are_a_fault(sent: list[Reading], more: bytes) -> None:
    for whole in (to_json(SERIAL, sent), to_cbor(SERIAL, sent)):
        assert reason_of(whole + more) is QuarantineReason.UNDECODABLE


# RFC 8428, section 5.1.2 and 5.1.3: base name, unit, value and time apply until they change.
@pytest.mark.parametrize(
    ("records", "temps"),
    [
        ([{"bn": f"{SERIAL}/", "bt": 1e9, "bu": "Cel", "n": "temp", "v": 23.1}], [23.1]),
        ([{"bv": 20, "bt": 1e9, "n": "temp", "u": "Cel", "v": 3.5}], [23.5]),
        ([{"bv": 20, "bt": 1e9, "bu": "Cel", "n": "temp"}], [20.0]),
        (
            [{"bt": 1e9, "n": "temp", "bu": "Cel", "v": 1},
             {"n": "temp", "v": 2, "t": 60},
             {"bt": 1e9 + 120, "bv": 10, "n": "temp", "v": 3},
             {"n": "temp", "v": 4, "t": 60},
             {"n": "temp", "u": "K", "v": 263.15, "t": 120}],
            [1.0, 2.0, 13.0, 14.0, 0.0],
        ),
        ([{"n": f"{SERIAL}/temp", "u": "Cel", "v": 5, "t": 1e9}], [5.0]),
        ([{"bver": 10, "n": "temp", "u": "Cel", "v": 5, "t": 1e9}], [5.0]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("in_cbor", [False, True])
def test_base_values_are_resolved_as_the_rfc_says(
    records: list[dict[str, Any]], temps: list[float], *, in_cbor: bool
) -> None:
    shift_s = NOW_US / 1e6 - 86_400 - 1e9
    for record in records:
        for label in ("bt", "t"):
            if record.get(label, 0) >= 1e9:
                record[label] += shift_s
    labels = {"bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "n": 0, "u": 1, "v": 2, "t": 6}
    by_label = [{labels[name]: value for name, value in record.items()} for record in records]
    payload = cbor2.dumps(by_label) if in_cbor else json.dumps(records).encode()
    decoded = decode_one(payload)
    assert decoded.faults == {}
    np.testing.assert_allclose(column(decoded, "temp_c"), temps, atol=1e-12)
    for record in records:  # parametrised values are shared between the two runs
        for label in ("bt", "t"):
            if record.get(label, 0) >= 1e9:
                record[label] -= shift_s


def test_the_rfc_cbor_example_decodes() -> None:
    # RFC 8428, section 6: the head of the example, a decimal fraction, and a half-precision float.
    for value in (
        b"\xc4\x82\x20\x18\xe7",
        b"\xf9\x4d\xc6",
        b"\xfb\x40\x37\x19\x99\x99\x99\x99\x9a",
    ):
        at = cbor2.dumps(NOW_US // 1_000_000)
        pack = b"\x81\xa4\x00\x64temp\x01\x63Cel\x06" + at + b"\x02" + value
        decoded = decode_one(pack, CBOR_TYPE)
        np.testing.assert_allclose(column(decoded, "temp_c"), [23.1], atol=0.01)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (pack_of(v=None), QuarantineReason.UNDECODABLE),
        (pack_of(v="12"), QuarantineReason.UNDECODABLE),
        (pack_of(v=float("nan")), QuarantineReason.UNDECODABLE),
        (pack_of(u="Fahrenheit"), QuarantineReason.UNDECODABLE),
        (pack_of(u=None), QuarantineReason.UNDECODABLE),
        (pack_of(v=-273.16), QuarantineReason.UNDECODABLE),
        (pack_of(u="K", v=-0.01), QuarantineReason.UNDECODABLE),
        (pack_of(v=10_001), QuarantineReason.UNDECODABLE),
        (pack_of(n="ambient", v=1e12), QuarantineReason.UNDECODABLE),
        (pack_of(n="tilt", u="rad", v=1e308), QuarantineReason.UNDECODABLE),
        (pack_of(n="seq", u=None, v=-1), QuarantineReason.UNDECODABLE),
        (pack_of(n="seq", u=None, v=1.5), QuarantineReason.UNDECODABLE),
        (pack_of(n="seq", u=None, v=2**53), QuarantineReason.UNDECODABLE),
        (pack_of(n="seq", u=None, v=2**53 + 1), QuarantineReason.UNDECODABLE),
        (pack_of(n="seq", u=None, v=2**63), QuarantineReason.UNDECODABLE),
        (pack_of(n="gravity"), QuarantineReason.UNDECODABLE),
        (pack_of(bver=11), QuarantineReason.UNDECODABLE),
        (pack_of(bn="LG-2/"), QuarantineReason.IDENTITY_MISMATCH),
        (pack_of(t=400), QuarantineReason.FROM_THE_FUTURE),
        (pack_of(bt=253_370_764_800), QuarantineReason.FROM_THE_FUTURE),
        (pack_of(bt=1e300), QuarantineReason.IMPLAUSIBLE_TIME),
        (pack_of(bt=-1e308, t=-1.7e308), QuarantineReason.IMPLAUSIBLE_TIME),
        (pack_of(bt=-62_135_596_800), QuarantineReason.IMPLAUSIBLE_TIME),
        (pack_of(bt=0, t=-30), QuarantineReason.IMPLAUSIBLE_TIME),
        (b"\xef\xbb\xbf" + pack_of(), QuarantineReason.UNDECODABLE),
        (pack_of().decode().encode("utf-16"), QuarantineReason.UNDECODABLE),
        (pack_of().replace(b"Cel", b"\\ud800"), QuarantineReason.UNDECODABLE),
        (pack_of().replace(b"Cel", b"\xff"), QuarantineReason.UNDECODABLE),
    ],
)
def test_what_is_wrong_is_named(payload: bytes, reason: QuarantineReason) -> None:
    decoded = decode_one(payload)
    assert decoded.faults[0].reason is reason
    assert decoded.faults[0].detail
    assert len(decoded.readings) == 0


@pytest.mark.parametrize(
    "topic",
    ["", "unbroken/v1/readings", "unbroken/v1//readings", "unbroken/v2/LG-1/readings",
     "unbroken/v1/LG-1/readings/x", "unbroken/v1/LG-1/status", "(topic is not UTF-8)"],
)  # fmt: skip
def test_a_topic_of_another_shape_is_a_fault(topic: str) -> None:
    decoded = decode([Message(1, 1, topic, pack_of(), None, NOW_US)], LIMITS)
    assert decoded.faults[0].reason is QuarantineReason.IDENTITY_MISMATCH


def test_an_oversized_message_is_not_looked_at() -> None:
    payload = b"[" + b" " * LIMITS.message_bytes + b"]"
    assert reason_of(payload) is QuarantineReason.UNDECODABLE


def test_absolute_zero_is_a_temperature() -> None:
    assert column(decode_one(pack_of(u="K", v=0)), "temp_c") == [-273.15]


def test_two_values_of_one_instant_are_a_fault() -> None:
    record = json.loads(pack_of())[0]
    payload = json.dumps([record, {"n": "temp", "u": "Cel", "v": -99.0}]).encode()
    assert reason_of(payload) is QuarantineReason.UNDECODABLE


def test_a_reading_without_a_number_has_none() -> None:
    assert decode_one(pack_of()).readings.seq.tolist() == [NO_SEQ]
