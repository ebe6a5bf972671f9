"""ISBT 128: donation numbers, chain of identity, compound messages and check characters."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.scan import (
    Scan,
    check_character,
    has_check_character,
    parse_scan,
    parse_typed_isbt,
)
from schemas.errors import ScanError
from tests.strategies_scan import TODAY, donations, identities, with_check_character

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read(text: str) -> Scan:
    return parse_scan(text, today=TODAY)


@pytest.mark.parametrize(
    ("data", "check"),
    [
        ("G123417654321", "A"),  # ST-001, appendix A
        ("G123498654321", "H"),  # ST-001, earlier versions
    ],
)
def test_published_check_characters(data: str, check: str) -> None:
    assert check_character(data) == check


@given(st.text(CHARACTERS, min_size=1, max_size=40), st.data())
def test_one_wrong_character_or_two_changed_places_are_found(
    text: str, data: st.DataObject
) -> None:
    right = with_check_character(text)
    assert has_check_character(right)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(CHARACTERS).filter(lambda each: each != right[at]))
    assert not has_check_character(right[:at] + other + right[at + 1 :])
    if at and right[at - 1] != right[at]:
        assert not has_check_character(
            right[: at - 1] + right[at] + right[at - 1] + right[at + 1 :]
        )


@pytest.mark.parametrize("data", ["", "g1", "A B", "Ä", "*"])
def test_other_characters_have_no_check_character(data: str) -> None:
    with pytest.raises(ScanError):
        check_character(data)
    assert not has_check_character(data + "0")


@given(donations, st.sampled_from(["]C0", "]d1", "]Q1", ""]))
def test_a_donation_number_is_read_with_and_without_checksum_flags(din: str, symbol: str) -> None:
    flags = f"{60 + (CHARACTERS + '*').index(check_character(din)):02d}"
    for ending in ("00", "15", "2A", flags):
        assert read(f"{symbol}={din}{ending}").din == din
    other = f"{60 + (int(flags) - 60 + 1) % 37:02d}"
    with pytest.raises(ScanError, match="checksum"):
        read(f"{symbol}={din}{other}")


@given(donations | identities, st.data())
def test_k_is_checked_when_it_is_typed(number: str, data: st.DataObject) -> None:
    bare, checked = parse_typed_isbt(number), parse_typed_isbt(with_check_character(number))
    assert bare == checked
    assert number in {bare.din, bare.coi}
    wrong = data.draw(
        st.sampled_from(CHARACTERS + "*").filter(lambda each: each != check_character(number))
    )
    with pytest.raises(ScanError, match="check character"):
        parse_typed_isbt(number + wrong)


def test_typed_numbers_may_be_in_groups_and_small_letters() -> None:
    assert parse_typed_isbt("G1234 17 654321 A").din == "G123417654321"
    assert parse_typed_isbt("cha9999-17-abc123").coi == "CHA999917ABC123"


@given(identities, donations)
def test_a_chain_of_identity_is_read_alone_and_beside_others(coi: str, din: str) -> None:
    assert read(f"&/{coi}").coi == coi
    together = read(f"]d1=+03000&/{coi}={din}00&>0263262359")
    assert (together.coi, together.din) == (coi, din)
    assert (together.expiry_date, together.expiry_time) == (date(2026, 11, 22), time(23, 59))
    assert read(f"={din}00&/{coi}").coi == coi


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        # ST-017 4.3.1, 4.3.2, 5; ST-012 6.2
        ("=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031", "001 004 032 034"),
        ("=+04035=/A9997XYZ100T0479=,000012=A99991712345600=>019031", "001 004 032 034"),
        (
            (
                "=+06000=/A9999XYZ100T0476=,000025=A99971712345600=>019032=}017032"
                "&,1000000000000XYZ123"
            ),
            "001 004 008 032 034 035",
        ),
        (
            (
                "=+05000=Z54991712345600=%T300=<T0416003&>0183652359"
                "&,4PL001499Z549917123456A00T041600320181231"
            ),
            "001 002 003 005 038",
        ),
        ("&#0105ABC12", "025"),
        ("&:9991123456789012313", "039"),
        ("&$02" + "0100010000100" + "0" + "0200020000200" + "0", "029"),
        ("=]202702", "026"),
    ],
)
def test_published_messages_are_read_structure_by_structure(text: str, numbers: str) -> None:
    assert [number for number, _ in read(text).structures] == numbers.split()


@pytest.mark.parametrize(
    "text",
    [
        "=A999917123456",  # flags missing
        "=O99991712345600",  # facilities have no O
        "=099991712345600",  # nor begin with 0
        "=A9999171234560I",  # flags have no I
        "=A99991712345600X",  # leftover
        "=A99991712345600=A99991712345700",  # two donations
        "=+05000=/A9997XYZ100T0479=A99991712345600=,000012=>019031",  # announces 5, has 4
        "=+00000",
        "&/CHA999917ABC12",  # one short
        "&/CXA999917ABC123",
        "&/CHA999917abc123",
        "=>026366",  # 2026 has 365 days
        "=>026000",
        "&>0263262400",
        "=>026001&>0260022359",  # two expiry dates
        "=]202713",
        "&:1234ABCDEFGHIJKLM99",
        "&aLOCAL",  # nationally defined: unknown here
        '="AAAA',  # retired
        "=zX",
        "=",
        "&#01",
        "&#01XXABC",
        "&$99",
        "G123417654321",  # typed, not scanned
    ],
)
def test_isbt_that_is_not_right_throughout_is_refused(text: str) -> None:
    with pytest.raises(ScanError):
        read(text)


def test_a_month_of_expiry_is_good_to_its_last_day() -> None:
    assert read("=]202802").expiry_date == date(2028, 2, 29)


def test_centuries_of_isbt_are_written() -> None:
    assert read("=>998365").expiry_date == date(1998, 12, 31)
    assert read("=>100001").expiry_date == date(2100, 1, 1)


@pytest.mark.parametrize("text", ["", "G123417654321AA", "O123417654321", "hello"])
def test_typed_text_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ScanError):
        parse_typed_isbt(text)
