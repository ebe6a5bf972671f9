"""Dates and times as labels write them, with the century that GS1 means."""

from calendar import monthrange
from datetime import date, time, timedelta

from custody.scan.refusal import refusal, shown

_CENTURY = 100
_FUTURE_YEARS, _PAST_YEARS = 50, 49


def full_year(two_digits: int, today: date) -> int:
    """Return the year that ends in these digits, 49 years back to 50 years ahead of today.

    Source: GS1 General Specifications 7.12.
    """
    century = today.year - today.year % _CENTURY
    ahead = two_digits - today.year % _CENTURY
    if ahead > _FUTURE_YEARS:
        return century - _CENTURY + two_digits
    if ahead < -_PAST_YEARS:
        return century + _CENTURY + two_digits
    return century + two_digits


def gs1_date(digits: str, today: date, *, may_be_month: bool = False) -> date:
    """Return the date of YYMMDD; day 00, where allowed, is the last day of the month.

    Raises:
        ScanError: There is no such date.
    """
    year, month, day = full_year(int(digits[:2]), today), int(digits[2:4]), int(digits[4:6])
    return _day_of(year, month, day, digits, may_be_month=may_be_month)


def long_date(digits: str, *, may_be_month: bool = False) -> date:
    """Return the date of YYYYMMDD; see `gs1_date`."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    return _day_of(year, month, day, digits, may_be_month=may_be_month)


def _day_of(year: int, month: int, day: int, digits: str, *, may_be_month: bool) -> date:
    try:
        if day == 0 and may_be_month:
            day = monthrange(year, month)[1]
        return date(year, month, day)
    except ValueError:
        raise refusal(f"There is no date {shown(digits)}.") from None


def isbt_date(digits: str) -> date:
    """Return the date of cyyjjj: century, year in it, day of the year.

    Raises:
        ScanError: The year has no such day.

    Source: ICCBBA ST-001 2.4.4; century 9 is the 1900s, 0 the 2000s.
    """
    century, year_in_it, day = int(digits[0]), int(digits[1:3]), int(digits[3:6])
    year = (1900 if century == 9 else 2000 + century * _CENTURY) + year_in_it  # noqa: PLR2004
    found = date(year, 1, 1) + timedelta(days=day - 1)
    if found.year != year:
        raise refusal(f"There is no day {day} in the year {year} ({shown(digits)}).")
    return found


def time_of(digits: str) -> time:
    """Return the time of HH, HHMM or HHMMSS.

    Raises:
        ScanError: There is no such time.
    """
    hour, minute, second = (int(digits[at : at + 2] or 0) for at in (0, 2, 4))
    try:
        return time(hour, minute, second)
    except ValueError:
        raise refusal(f"There is no time {shown(digits)}.") from None
