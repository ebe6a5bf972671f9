"""Two scans add up, and a label is held against the item, the clock and the profile."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from custody.scan import Scan, check_item, check_label_limits, merge_scans, parse_scan
from schemas.errors import CustodyConflict, ScanError
from schemas.profile import Profile, limits_c, load_profiles
from schemas.profile_parts import Stage
from tests.strategies_scan import TODAY, Elements, element_string, labels

PROFILES = {profile.id: profile for profile in load_profiles()}
SSCC = "]d200106141412345678908"


def read(text: str) -> Scan:
    return parse_scan(text, today=TODAY)


def label_of(elements: Elements) -> Scan:
    return read("]d2" + element_string(sorted(elements.items())))


@given(labels(), st.data())
def test_two_halves_of_a_label_make_the_whole_in_either_order(
    label: Elements, data: st.DataObject
) -> None:
    assume(len(label) > 1)
    names = sorted(label)
    some = data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=len(names) - 1))
    shared = data.draw(st.sets(st.sampled_from(names)))
    first = label_of({ai: label[ai] for ai in some | shared})
    second = label_of({ai: label[ai] for ai in (set(names) - some) | shared})
    assert merge_scans(first, second) == label_of(label) == merge_scans(second, first)


@given(labels(), labels())
def test_a_second_scan_never_blanks_what_the_first_said(one: Elements, other: Elements) -> None:
    first, second = label_of(one), label_of(other | {"01": one["01"]})
    try:
        merged = merge_scans(first, second)
    except ScanError:
        return
    for field in fields(Scan):
        for scan in (first, second):
            value = getattr(scan, field.name)
            if field.compare and value is not None and not isinstance(value, tuple):
                assert getattr(merged, field.name) == value
    assert set(merged.elements) == {*first.elements, *second.elements}


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        ("]d210A", "]d210B", ('"A"', '"B"')),
        ("]d217261122", "]d270032611231200", ("2026-11-22", "2026-11-23")),
        ("=A99991712345600", "=A99991712345700", ("A999917123456", "A999917123457")),
        ("&/CHA999917ABC123", "&/CHA999917ABC124", ("ABC123", "ABC124")),
        ("=<S1295400", "=<S1295500", ("S1295400", "S1295500")),
        ("]d217261122", "=>026001", ("2026-11-22", "2026-01-01")),
        (SSCC + "4330000800", SSCC + "4331001000", ("-13333", "10000")),
        (SSCC + "4330005000", SSCC + "4331001000", ("(4330)", "(4331)")),
        (SSCC + "4331000200", SSCC + "4333000800", ("2 °C", "8 °C")),
        ("]d28018123456789012345675", "]d28017123456789012345675", ("(8017)", "(8018)")),
    ],
)
def test_two_scans_that_contradict_are_refused_naming_both(
    one: str, other: str, values: tuple[str, str]
) -> None:
    for first, second in ((one, other), (other, one)):
        with pytest.raises(ScanError) as caught:
            merge_scans(read(first), read(second))
        assert all(value in str(caught.value) for value in values)


def test_a_donation_with_other_flags_is_the_same_donation() -> None:
    merged = merge_scans(read("=A99991712345600"), read("=A99991712345601"))
    assert merged.din == "A999917123456"


@pytest.mark.parametrize(
    ("field", "mc"),
    [
        ("4331000800", 8_000),
        ("4331012000-", -120_000),
        ("4330004640", 8_000),
        ("4330018400-", -120_000),
        ("4330003200", 0),
        ("4330004700", 8_333),
        ("4330000000", -17_778),
        ("4331000000-", 0),
    ],
)
def test_limits_are_milli_degrees_and_fahrenheit_is_converted_without_floats(
    field: str, mc: int
) -> None:
    assert read(SSCC + field).max_mc == mc
    assert read(SSCC + "433" + {"0": "2", "1": "3"}[field[3]] + field[4:]).min_mc == mc


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("stage", Stage)
def test_a_label_with_the_limits_of_the_profile_agrees(profile: Profile, stage: Stage) -> None:
    text = SSCC
    for ai, limit in zip(("4333", "4331"), limits_c(profile, stage), strict=True):
        if limit is not None:
            text += f"{ai}{abs(round(limit * 100)):06d}{'-' if limit < 0 else ''}\x1d"
    check_label_limits(read(text), profile, stage)


@pytest.mark.parametrize(
    ("profile", "field", "sentences"),
    [
        ("hemgenix", "4331002500", ("25 °C", "8 °C")),
        ("hemgenix", "4333000000", ("0 °C", "2 °C")),
        ("hemgenix", "4330004700", ("8.333 °C", "8 °C")),
        ("kymriah", "4331015000-", ("-150 °C", "-120 °C")),
        ("kymriah", "4333019600-", ("-196 °C", "none")),
    ],
)
def test_a_label_with_other_limits_stops_the_step(
    profile: str, field: str, sentences: tuple[str, str]
) -> None:
    with pytest.raises(CustodyConflict) as caught:
        check_label_limits(read(SSCC + field), PROFILES[profile])
    assert all(each in str(caught.value) for each in (*sentences, PROFILES[profile].name))


def test_a_label_without_limits_agrees_with_every_profile() -> None:
    for profile in PROFILES.values():
        check_label_limits(read(SSCC), profile)


ITEM = "09521101530001.A.1"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_right_item_in_time_has_nothing_against_it() -> None:
    scan = merge_scans(
        read("]d2010952110153000121A.1\x1d7003" + "2611221201"), read("&/CHA999917ABC123")
    )
    assert check_item(scan, item=ITEM, coi="CHA999917ABC123", now=NOON) == ()


def test_every_mismatch_has_its_sentence() -> None:
    scan = merge_scans(
        read("]d2010952110153000121A.2\x1d7003" + "2611221200"), read("&/CHA999917ABC124")
    )
    other, identity, expired = check_item(scan, item=ITEM, coi="CHA999917ABC123", now=NOON)
    assert "09521101530001.A.2" in other
    assert ITEM in other
    assert "CHA999917ABC124" in identity
    assert "2026-11-22 12:00" in expired


def test_a_label_that_does_not_say_who_it_is_does_not_show_it() -> None:
    sentences = check_item(read(SSCC), item=ITEM, coi="CHA999917ABC123", now=NOON)
    assert ["does not show" in each for each in sentences] == [True, True]


@given(st.integers(-14 * 60, 14 * 60))
def test_a_day_of_expiry_is_good_until_its_local_midnight(offset_min: int) -> None:
    zone = timezone(timedelta(minutes=offset_min))
    scan = read("]d2010952110153000117261122")
    midnight = datetime(2026, 11, 23, tzinfo=zone)
    assert check_item(scan, now=midnight - timedelta(seconds=1), zone=zone) == ()
    assert len(check_item(scan, now=midnight.astimezone(UTC), zone=zone)) == 1
