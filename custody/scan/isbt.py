"""ISBT 128: data structures one after another, or behind a compound message's count.

Source: ICCBBA ST-001, table RT003 and sections 2.4, 9 and 10.
"""

import re
from collections.abc import Callable

from custody.scan.check_character import check_value, has_check_character
from custody.scan.dates import isbt_date, long_date, time_of
from custody.scan.refusal import RETYPE, refusal, shown

_FACILITY = "[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}"
DIN = re.compile(rf"{_FACILITY}[0-9]{{8}}")
COI = re.compile(rf"CH{_FACILITY}[0-9]{{2}}[A-Z0-9]{{6}}")
_ALPHANUMERIC = "[A-Z0-9]"

_FORMS: dict[str, tuple[str, str]] = {
    "=%": ("002", "[A-Za-z0-9]{2}[A-Z0-9]{2}"),
    "=<": ("003", "[A-Z][A-Z0-9]{4}[A-Za-z0-9]{3}"),
    "=>": ("004", "[0-9]{6}"),
    "&>": ("005", "[0-9]{10}"),
    "=*": ("006", "[0-9]{6}"),
    "&*": ("007", "[0-9]{10}"),
    "=}": ("008", "[0-9]{6}"),
    "&}": ("009", "[0-9]{10}"),
    "&(": ("010", "[A-Z0-9]{5}"),
    "=\\": ("012", "[A-Z0-9]{18}"),
    "&\\": ("013", "[A-Z0-9]{18}"),
    "&{": ("014", "[A-Z0-9]{18}"),
    "=)": ("017", "[A-Z0-9]{10}"),
    "&)": ("018", "[A-Z0-9]{10}"),
    "=;": ("019", f"{_FACILITY}[A-Z0-9]{{16}}"),
    "='": ("020", f"{_FACILITY}[A-Za-z0-9]{{6}}"),
    "=-": ("021", "[A-Z0-9]{10}"),
    "&-": ("022", "[A-Z0-9]{10}"),
    "=#": ("024", "[0-9]{10}"),
    "=]": ("026", "[0-9]{6}"),
    '&"': ("027", "[A-Z0-9]{18}"),
    "=$": ("028", f"{_FACILITY}[A-Z0-9]{{11}}"),
    "=(": ("031", "[A-Z0-9]{4}[0-9]{12}"),
    "=,": ("032", "[A-Z0-9]{6}"),
    "&+": ("033", f"{_FACILITY}[A-Z0-9]{{6}}"),
    "=/": ("034", f"{_FACILITY}[A-Z0-9]{{11}}"),
    "&,1": ("035", "[A-Z0-9]{18}"),
    "&,2": ("036", "[A-Z0-9]{18}"),
    "&,4": ("038", "[A-Za-z0-9]{40}"),
    "&:": ("039", "[1-9][0-9]{3}[A-Z0-9]{13}[0-9]{2}"),
    "&/": ("040", COI.pattern),
}
"""Data identifier: number of the structure and form of its content. Retired ones are not read."""

_COUNTED = {"&#": ("025", 4, 2, 1), "&$": ("029", 2, 0, 14), "&%": ("030", 3, 0, 10)}
"""Data identifier: number, length of the head, where its count begins, characters of each."""

_DIN_FORM = rf"=({DIN.pattern}[0-9A-HJ-NPR-Y]{{2}})"
_COMPOUND = re.compile("=\\+([0-9]{2})([0-9]{3})")
ONCE = ("001", "003", "004", "005", "026", "040")
"""Structures that one label, and two scans of one label, have once."""

_CHECKSUM_FLAGS = range(60, 97)


def read_structures(text: str) -> list[tuple[str, str]]:
    """Return numbers and contents of the ISBT 128 structures in a text, in order.

    Raises:
        ScanError: A structure is unknown, retired, nationally defined, too short or not of its
            form; a date is impossible; a checksum is wrong; the compound message announces
            another number of structures; one that is single comes twice with different contents.
    """
    header = _COMPOUND.match(text)
    rest = text[header.end() :] if header else text
    found: list[tuple[str, str]] = []
    while rest:
        number, content, rest = _next_structure(rest)
        _check_content(number, content)
        earlier = dict(found).get(number)
        if number in ONCE and earlier not in {None, content}:
            wrong = f"The label has ISBT 128 structure {number} twice: "
            raise refusal(f"{wrong}{shown(str(earlier))} and {shown(content)}.")
        found.append((number, content))
    announced = int(header[1]) if header else len(found)
    if announced != len(found) or not found:
        wrong = f"The compound message announces {announced} structures and has {len(found)}."
        raise refusal(wrong)
    return found


def _next_structure(text: str) -> tuple[str, str, str]:
    """Return number and content of the first structure, and what comes after it."""
    if din := re.match(_DIN_FORM, text):
        return "001", din[1], text[din.end() :]
    for identifier, (number, form) in _FORMS.items():
        if text.startswith(identifier):
            content = re.match(form, text[len(identifier) :])
            if not content:
                wrong = f"{shown(text)} does not have the form of ISBT 128 structure {number}."
                raise refusal(wrong)
            return number, content[0], text[len(identifier) + content.end() :]
    if text[:2] in _COUNTED:
        return _counted(text)
    raise refusal(f"{shown(text)} does not begin with an ISBT 128 structure that is read here.")


def _counted(text: str) -> tuple[str, str, str]:
    number, head, counted_from, each = _COUNTED[text[:2]]
    count = text[2 + counted_from : 2 + head]
    end = 2 + head + (int(count) * each if re.fullmatch("[0-9]+", count) else len(text))
    content = text[2:end]
    if len(text) < end or not re.fullmatch("[ -~]*", content):
        raise refusal(f"{shown(text)} does not have the form of ISBT 128 structure {number}.")
    return number, content, text[end:]


def _check_content(number: str, content: str) -> None:
    if number in _CONTENT:
        _CONTENT[number](content)


def _check_flags(content: str) -> None:
    """Flags 60 to 96 are the checksum of the number before them (RT004)."""
    din, flags = content[:13], content[13:]
    if flags.isdecimal() and int(flags) in _CHECKSUM_FLAGS and int(flags) - 60 != check_value(din):
        raise refusal(f"The flags {flags} are not the checksum of the donation number {din}.")


def _check_donor(content: str) -> None:
    if int(content[17:]) != check_value(content[:17]):
        raise refusal(f"The donor identifier {content} ends in a wrong checksum.")


_CONTENT: dict[str, Callable[[str], object]] = {
    "001": _check_flags,
    "004": isbt_date,
    "005": lambda content: (isbt_date(content[:6]), time_of(content[6:])),
    "006": isbt_date,
    "007": lambda content: (isbt_date(content[:6]), time_of(content[6:])),
    "008": isbt_date,
    "009": lambda content: (isbt_date(content[:6]), time_of(content[6:])),
    "024": lambda content: long_date(content[2:]),
    "026": lambda content: long_date(f"{content}00", may_be_month=True),
    "031": lambda content: (long_date(content[4:12]), time_of(content[12:])),
    "039": _check_donor,
}


def read_typed(text: str) -> tuple[str, str]:
    """Return number and content of a donation number or chain-of-identity identifier in print.

    Args:
        text: 13 or 15 characters, in groups or not, with the check character K behind or not;
            small letters are raised. K is checked when it is there.

    Raises:
        ScanError: It is neither, or K is wrong.
    """
    plain = re.sub("[ -]", "", text).upper()
    for number, form, length in (("001", DIN, 13), ("040", COI, 15)):
        data, check = plain[:length], plain[length:]
        if not form.fullmatch(data) or len(check) > 1:
            continue
        if check and not has_check_character(plain):
            wrong = f"{data} does not have the check character {shown(check)}."
            raise refusal(wrong, RETYPE)
        return number, data
    wrong = f"{shown(text)} is neither a donation number nor a chain-of-identity identifier."
    raise refusal(wrong, RETYPE)
