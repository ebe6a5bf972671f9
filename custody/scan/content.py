"""What the value of a GS1 field must be beyond its characters: check digits, dates, shares.

Source: GS1 General Specifications chapter 3, GS1 Syntax Dictionary (the "linters").
"""

import re
from collections.abc import Callable
from datetime import date

from biip.checksums import gs1_standard_check_digit

from custody.scan.check_character import has_check_pair
from custody.scan.dates import gs1_date, long_date, time_of
from custody.scan.refusal import refusal, shown

_CHECK_DIGIT_AT = {
    "00": slice(18),
    "01": slice(14),
    "02": slice(14),
    "03": slice(14),
    "253": slice(13),
    "255": slice(13),
    "402": slice(17),
    **{f"41{last}": slice(13) for last in range(8)},
    "8003": slice(1, 14),
    "8006": slice(14),
    "8017": slice(18),
    "8018": slice(18),
    "8026": slice(14),
}
"""The digits of a key that end in its check digit. GRAI: without the leading 0 and the serial."""

_MONTH_DATES = ("11", "12", "13", "15", "16", "17")
_NOT_SPECIFIED = "9999"
_FULL_CIRCLE = 3_600_000_000


def check_content(ai: str, value: str, today: date) -> None:
    """Raise unless a value of the right form is also possible.

    Raises:
        ScanError: Wrong check digit or characters, impossible date or time, and the like.
    """
    if ai in _CHECK_DIGIT_AT:
        _check_digit(ai, value[_CHECK_DIGIT_AT[ai]])
    if ai in _MONTH_DATES:
        gs1_date(value, today, may_be_month=True)
    if ai in _DATED:
        _DATED[ai](value, today)
    for identifiers, is_right, fault in _RULES:
        if re.fullmatch(identifiers, ai) and not is_right(value):
            raise refusal(f"({ai}) {shown(value)} {fault}.")


def _check_digit(ai: str, digits: str) -> None:
    right = str(gs1_standard_check_digit(digits[:-1]))
    if digits[-1] != right:
        wrong = f"({ai}) {shown(digits)} has the check digit {digits[-1]}; {right} would be right."
        raise refusal(wrong)


def _delivery(value: str, today: date) -> None:
    gs1_date(value[:6], today, may_be_month=True)
    if value[6:] != _NOT_SPECIFIED:
        time_of(value[6:])


def _date_and_time(value: str, today: date) -> None:
    gs1_date(value[:6], today)
    time_of(value[6:] or "00")


def _one_or_two_dates(value: str, today: date) -> None:
    first = gs1_date(value[:6], today)
    if value[6:] and gs1_date(value[6:], today) < first:
        raise refusal(f"(7007) {shown(value)} ends before it begins.")


_DATED: dict[str, Callable[[str, date], object]] = {
    "4324": _delivery,
    "4325": _delivery,
    "4326": gs1_date,
    "7003": _date_and_time,
    "7006": gs1_date,
    "7007": _one_or_two_dates,
    "7011": _date_and_time,
    "8008": _date_and_time,
    "7250": lambda value, _: long_date(value, may_be_month=True),
    "7251": lambda value, _: (long_date(value, may_be_month=True), time_of(value[8:])),
}


def _begins_with_prefix(value: str) -> bool:
    return bool(re.match("[0-9]{4}", value))


def _has_index(value: str) -> bool:
    return bool(re.fullmatch("...[A-Za-z0-9_-]", value))


def _is_roll(value: str) -> bool:
    return bool(re.fullmatch("(?!0{4}).{4}(?!0{5}).{5}(?!0{3}).{3}[019].", value))


def _is_share(value: str) -> bool:
    piece, total = int(value[14:16]), int(value[16:18])
    return 0 < piece <= total


def _is_escaped(value: str) -> bool:
    return not re.search("%(?![0-9A-Fa-f]{2})", value)


def _is_iban(value: str) -> bool:
    turned = (value[4:] + value[:4]).upper()
    return turned.isalnum() and int("".join(str(int(each, 36)) for each in turned)) % 97 == 1


def _is_position(value: str) -> bool:
    return int(value[:10]) <= _FULL_CIRCLE // 2 and int(value[10:]) <= _FULL_CIRCLE


_RULES: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("401|7023|8004|801[034]", _begins_with_prefix, "does not begin with a GS1 company prefix"),
    ("8013|8014", has_check_pair, "ends in a wrong check character pair"),
    ("8006|8026", _is_share, "is not one piece of its total"),
    ("43[01].|4320|725[3-79]", _is_escaped, "has a % that is not followed by two hexadecimals"),
    ("8007", _is_iban, "is not an IBAN"),
    ("4309", _is_position, "is not a place on Earth"),
    ("7040", _has_index, "does not end in an importer index"),
    ("8001", _is_roll, "has a measure of nothing, or no such direction"),
    ("8011", lambda value: not value.startswith("0") or value == "0", "begins with 0"),
)
