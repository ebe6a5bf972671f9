"""Which GS1 fields may not stand on one label. Also asked when two scans are put together.

Fields that need another one (a lot needs a GTIN) are not refused: the other may be in the label's
second symbol (Syntax Dictionary: pairings hold for all carriers of an item together).
"""

import re
from collections.abc import Mapping

from custody.scan.refusal import refusal

_EXCLUSIVE = (
    ("01", "02|255|37|8006"),
    ("02", "8026"),
    ("21", "235"),
    ("255", "02|415|8006|8020|8026"),
    ("420", "421"),
    ("421", "4307"),
    ("426", "42[2345]"),
    ("4330", "4331"),
    ("4332", "4333"),
    ("8006", "37|8026"),
    ("8017", "8018"),
    ("390.", "391.|394.|8111"),
    ("392.", "393.|395."),
    ("393.", "395."),
    ("394.", "8111"),
    ("395.", "8005"),
)
"""Source: GS1 Syntax Dictionary, `ex=`; General Specifications 4.14 (invalid pairs)."""

_SCALED = re.compile("3[1-69]..")
"""Measures whose last digit says where the decimal point is: one of each kind."""


def check_pairs(elements: Mapping[str, str]) -> None:
    """Raise for two fields of which a label may have only one.

    Raises:
        ScanError: It has both.
    """
    for first, others in _EXCLUSIVE:
        for one in (ai for ai in elements if re.fullmatch(first, ai)):
            for other in elements:
                if re.fullmatch(others, other):
                    raise _both(one, other)
    scaled: dict[str, str] = {}
    for ai in elements:
        if _SCALED.fullmatch(ai) and scaled.setdefault(ai[:3], ai) != ai:
            raise _both(scaled[ai[:3]], ai)


def _both(one: str, other: str) -> Exception:
    return refusal(f"The label has both ({one}) and ({other}); it may have one of them.")
