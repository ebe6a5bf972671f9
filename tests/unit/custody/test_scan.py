"""One label says the same in every symbol, and a label that is wrong anywhere says nothing."""

import contextlib
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.scan import Carrier, Scan, parse_bracketed, parse_scan, parse_typed_isbt
from schemas.errors import ScanError
from tests.strategies_scan import (
    CARRIERS,
    CHECKED,
    TODAY,
    Elements,
    bracketed,
    element_string,
    keys,
    labels,
    shuffled,
)


def read(text: str | bytes) -> Scan:
    return parse_scan(text, today=TODAY)


@given(labels(), st.data())
def test_a_label_says_the_same_in_every_symbol_and_order(
    label: Elements, data: st.DataObject
) -> None:
    expected = read("]d2" + element_string(sorted(label.items())))
    assert dict(expected.elements) == label
    for name in CARRIERS:
        assert read(CARRIERS[name](data.draw(shuffled(label)))) == expected, name
    symbol = CARRIERS[data.draw(st.sampled_from(sorted(CARRIERS)))]
    assert read(symbol(sorted(label.items())).encode()) == expected
    assert parse_bracketed(bracketed(data.draw(shuffled(label))), today=TODAY) == expected


@given(labels())
def test_facts_are_what_the_fields_say(label: Elements) -> None:
    scan = read("]d2" + element_string(sorted(label.items())))
    of = label.get
    assert (scan.gtin, scan.serial, scan.lot) == (of("01"), of("21"), of("10"))
    assert (scan.sscc, scan.grai, scan.giai) == (of("00"), of("8003"), of("8004"))
    assert (scan.gln, scan.gln_extension, scan.party_gln) == (of("414"), of("254"), of("417"))
    assert (scan.gsrn_recipient, scan.srin) == (of("8018"), of("8019"))
    assert (scan.expiry_date is None) == ("17" not in label and "7003" not in label)
    assert (scan.expiry_time is None) == ("7003" not in label)
    assert scan.item == (f"{of('01')}.{of('21')}" if of("21") else None)
    assert all(scan.element(ai) == value for ai, value in label.items())


@given(st.sampled_from(sorted(CHECKED)), st.data())
def test_any_other_digit_in_a_key_is_refused(ai: str, data: st.DataObject) -> None:
    key = data.draw(keys(CHECKED[ai]))
    at = data.draw(st.integers(0, len(key) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != key[at]))
    read("]d2" + ai + key)
    with pytest.raises(ScanError, match=r"(?i)check digit"):
        read("]d2" + ai + key[:at] + other + key[at + 1 :])


@given(keys(13), st.data())
def test_any_other_digit_in_an_asset_type_is_refused(key: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, 12))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != key[at]))
    assert read(f"]d280030{key}S1").grai == f"0{key}S1"
    with pytest.raises(ScanError, match="check digit"):
        read(f"]d280030{key[:at]}{other}{key[at + 1 :]}S1")


@given(labels(), st.data())
def test_a_field_twice_is_once_and_with_two_values_refused(
    label: Elements, data: st.DataObject
) -> None:
    pairs = data.draw(shuffled(label))
    twice = data.draw(st.sampled_from(pairs))
    text = "]d2" + element_string(pairs)
    assert read("]d2" + element_string([*pairs, twice])) == read(text)
    with pytest.raises(ScanError, match="twice"):
        read("]d2" + element_string([*pairs, ("10", "A"), ("10", "B")]))


prefixes = st.sampled_from(["", "]d2", "]C1", "]d1", "]Q1", "]E0", "]C0", "=", "&/", "(01)", "=+"])
seeds = st.sampled_from(
    [
        "0109521101530001" + "17260200" + "70032602281200\x1d10AB-123",
        "https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426&x=1#f",
        "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T0416003201",
        "(01)09521101530001(21)A\\(1",
        "&/CHA999917ABC123",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(seeds)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text(max_size=3)) + text[at + draw(st.integers(0, 2)) :]
    return draw(prefixes) + text


@given(
    mutated() | st.text() | st.binary() | st.tuples(prefixes, st.text("0123456789")).map("".join)
)
def test_nothing_but_a_scan_or_a_scan_error_comes_back(received: str | bytes) -> None:
    with contextlib.suppress(ScanError):
        read(received)
    if isinstance(received, str):
        with contextlib.suppress(ScanError):
            parse_bracketed(received, today=TODAY)
        with contextlib.suppress(ScanError):
            parse_typed_isbt(received)


@given(mutated())
def test_what_is_accepted_is_read_again_from_its_print(received: str) -> None:
    try:
        scan = read(received)
    except ScanError:
        return
    if scan.elements:
        assert parse_bracketed(bracketed(scan.elements), today=TODAY) == scan


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        # GS1 General Specifications, human-readable interpretation
        (
            "(01)09521101530001(17)210119(10)AB-123",
            {"gtin": "09521101530001", "expiry_date": date(2021, 1, 19), "lot": "AB-123"},
        ),
        ("]d2010952110153000117210119" + "10AB-123", {"lot": "AB-123"}),
        ("]C100106141412345678908", {"sscc": "106141412345678908"}),
        ("]E05901234123457", {"gtin": "05901234123457", "carrier": Carrier.EAN_13}),
        ("]E402345673", {"gtin": "00000002345673", "carrier": Carrier.EAN_8}),
        ("]I198765432109213", {"gtin": "98765432109213", "carrier": Carrier.ITF_14}),
        ("]E02112345678900|]e0" + "99COMPOSITE\x1d98XYZ", {"gtin": "02112345678900"}),
        ("]d2" + "0109521101530001" + "17260200", {"expiry_date": date(2026, 2, 28)}),
        ("]d2" + "0109521101530001" + "17280200", {"expiry_date": date(2028, 2, 29)}),
        (
            "]d2" + "0109521101530001" + "7003" + "2601312359",
            {"expiry_date": date(2026, 1, 31), "expiry_time": time(23, 59)},
        ),
        ("416000336108", {"gtin": "00416000336108"}),
        ("(8013)1987654Ad4X4bL5ttr2310c2K", {}),
        ("(4324)2611229999(4325)2611301200(4326)261122", {}),
        ("(7006)261122(7007)261122261130(7011)2611221200(8008)2611221200", {}),
        ("(7007)261122(7011)261122(8008)26112212", {}),
        ("(7250)19700101(7251)197001010830", {}),
        ("(8006)095211015300010102(8007)DE89370400440532013000(8011)0", {}),
        ("(4300)A%C3%A4(4309)09000000001800000000", {}),
    ],
)
def test_published_examples_are_read(text: str, facts: dict[str, object]) -> None:
    scan = read(text)
    assert {name: getattr(scan, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("yymmdd", "year"),
    [("760101", 2076), ("770101", 1977), ("261122", 2026), ("000101", 2000), ("991231", 1999)],
)
def test_two_digits_are_the_year_within_49_back_and_50_ahead(yymmdd: str, year: int) -> None:
    scan = read(f"]d2{'0109521101530001'}17{yymmdd}")
    assert scan.expiry_date is not None
    assert scan.expiry_date.year == year


@pytest.mark.parametrize(("today", "year"), [(date(2051, 1, 1), 2100), (date(2049, 1, 1), 2000)])
def test_after_the_middle_of_a_century_low_digits_are_the_next(today: date, year: int) -> None:
    scan = parse_scan("]d2010952110153000117000101", today=today)
    assert scan.expiry_date == date(year, 1, 1)
