"""GS1 element strings: which fields there are, and that each is what its identifier asks for.

`biip` knows the application identifiers and their patterns. It reads more than may be believed: it
goes on after a value that is too long, takes two separators for one, and puts a wrong check digit
into an `…_error` field beside a message that looks read. So the text is cut here, each piece is
given to `biip` alone, and every one of its error fields is looked at.
"""

import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from functools import lru_cache

from biip import ParseConfig, ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_element_strings import GS1ElementString

from custody.scan.carrier import GS
from custody.scan.content import check_content
from custody.scan.pairs import check_pairs
from custody.scan.refusal import refusal, shown

Elements = dict[str, str]
"""Values by application identifier."""

_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)
"""Dates are checked in `content`: biip reads the century off the clock."""

_LONGEST_IDENTIFIER = 4

_TITLES = {
    "00": "SSCC",
    "01": "GTIN",
    "10": "lot",
    "17": "expiry date",
    "21": "serial number",
    "414": "GLN",
    "7003": "expiry time",
    "8003": "GRAI",
    "8004": "GIAI",
    "8018": "GSRN",
}


def known_identifier(text: str) -> GS1ApplicationIdentifier:
    """Return the application identifier that the text begins with.

    Raises:
        ScanError: There is none.
    """
    try:
        return _identifier(text[:_LONGEST_IDENTIFIER])
    except ParseError:
        wrong = f"{shown(text)} does not begin with a GS1 application identifier."
        raise refusal(wrong) from None


@lru_cache(maxsize=1024)
def _identifier(beginning: str) -> GS1ApplicationIdentifier:
    """Return what the library finds, which looks through all of its 500 each time."""
    return GS1ApplicationIdentifier.extract(beginning)


def named(ai: str) -> str:
    """Return how a sentence calls a field: `(10) lot`."""
    title = _TITLES.get(ai)
    return f"({ai}) {title}" if title else f"({ai})"


def split_elements(data: str) -> list[tuple[str, str]]:
    """Return identifiers and values in order, unchecked, with FNC1 as GS between them.

    One separator at the beginning, one at the end and one after a field of fixed length are
    harmless (General Specifications 7.8.6). Two together are not: what stood between is lost.

    Raises:
        ScanError: An identifier is unknown, or two separators stand together.
    """
    rest = data.removeprefix(GS).removesuffix(GS)
    found: list[tuple[str, str]] = []
    while rest:
        identifier = known_identifier(rest)
        rest = rest[len(identifier) :]
        if identifier.separator_required:
            value, separator, rest = rest.partition(GS)
        else:
            length = _fixed_length(identifier)
            value, rest = rest[:length], rest[length:]
            separator, rest = rest[: rest.startswith(GS)], rest.removeprefix(GS)
        found.append((identifier.ai, value))
        if separator and (not rest or rest.startswith(GS)):
            after = f"After {named(identifier.ai)} there are two separators and nothing between."
            raise refusal(after)
    return found


def _fixed_length(identifier: GS1ApplicationIdentifier) -> int:
    return int(identifier.format.partition("+N")[2])


def check_elements(pairs: Iterable[tuple[str, str]], today: date) -> Elements:
    """Return the values by identifier, each checked, and checked against each other.

    Args:
        pairs: Identifier and value, in any order; the same pair twice is one pair.
        today: For the century of two-digit years.

    Raises:
        ScanError: A value is not of its identifier's form, has a wrong check digit or an
            impossible date; one identifier has two values; two may not stand together.
    """
    elements: Elements = {}
    for ai, value in pairs:
        check_element(ai, value)
        check_content(ai, value, today)
        if elements.setdefault(ai, value) != value:
            raise refusal(
                f"The label has {named(ai)} twice: {shown(elements[ai])} and {shown(value)}."
            )
    if not elements:
        raise refusal("The label has no field.")
    check_pairs(elements)
    return elements


def check_element(ai: str, value: str) -> None:
    """Raise unless the value has the characters, length and check digit that it must have.

    Raises:
        ScanError: It has not.
    """
    identifier = known_identifier(ai)
    if identifier.ai != ai:
        raise refusal(f"({ai}) is not a GS1 application identifier.")
    form = identifier.format.partition("+")[2]
    misfit = f"{named(ai)} {shown(value)} does not have the form {form}"
    if not value:
        raise refusal(f"{named(ai)} is empty.")
    # biip counts %-escapes as one character; GS1 counts what is in the symbol.
    longest = re.fullmatch(r"X\.\.(\d+)", form)
    if longest and len(value) > int(longest[1]):
        raise refusal(f"{misfit}: it has {len(value)} characters.")
    try:
        read = GS1ElementString.parse(ai + value, config=_CONFIG)
    except ParseError:
        raise refusal(f"{misfit}: a character or the length is not allowed.") from None
    for field in fields(read):
        if field.name.endswith("_error") and getattr(read, field.name) is not None:
            raise refusal(f"{named(ai)} {shown(value)} is wrong: {getattr(read, field.name)}")
