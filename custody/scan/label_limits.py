"""The temperature limits on a logistic label, (4330) to (4333), in milli-°C.

Source: GS1 General Specifications 3.8.16-19: six digits in hundredths of a degree, and `-` after
them when below zero. Maximum: (4330) °F, (4331) °C; minimum: (4332) °F, (4333) °C.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from custody.scan.refusal import refusal

_FAHRENHEIT = ("4330", "4332")
_MILLI = 1000


def label_limit_mc(ai: str, value: str) -> int:
    """Return one limit in milli-°C; °F are converted without floats and rounded to the nearest."""
    hundredths = int(value[:6]) * (-1 if value.endswith("-") else 1)
    if ai in _FAHRENHEIT:
        return round(Fraction((hundredths - 3200) * 50, 9))
    return hundredths * 10


def label_limits_mc(elements: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Return the highest and the lowest temperature that a label allows, milli-°C.

    Raises:
        ScanError: The highest is below the lowest.
    """
    highest, lowest = (
        next((label_limit_mc(ai, elements[ai]) for ai in both if ai in elements), None)
        for both in (("4331", "4330"), ("4333", "4332"))
    )
    check_limits_leave_room(highest, lowest)
    return highest, lowest


def check_limits_leave_room(max_mc: int | None, min_mc: int | None) -> None:
    """Raise when no temperature is within both limits.

    Raises:
        ScanError: The highest temperature is below the lowest.
    """
    if max_mc is not None and min_mc is not None and max_mc < min_mc:
        raise refusal(
            f"The label allows at most {in_celsius(max_mc)} and at least {in_celsius(min_mc)}: "
            "no temperature is both."
        )


def in_celsius(mc: int) -> str:
    """Return milli-°C as a sentence writes them: `-120 °C`, `8.333 °C`."""
    return f"{Decimal(mc) / _MILLI:f} °C"
