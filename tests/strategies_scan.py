"""Strategies for scans: right GS1 elements and ISBT 128 numbers, and their symbols."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from urllib.parse import quote

from biip.checksums import gs1_standard_check_digit
from hypothesis import strategies as st

from custody.scan import check_character

TODAY = date(2026, 11, 22)
GS = "\x1d"
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
FIXED = {"00", "01", "11", "17", "410", "411", "414", "416", "417"}
"""Identifiers that need no separator behind them, of those drawn here."""

CHECKED = {
    "00": 18,
    "01": 14,
    "02": 14,
    "402": 17,
    "253": 13,
    "255": 13,
    "410": 13,
    "411": 13,
    "412": 13,
    "413": 13,
    "414": 13,
    "415": 13,
    "416": 13,
    "417": 13,
    "8017": 18,
    "8018": 18,
}
"""Keys that are digits with a check digit at the end."""

Elements = dict[str, str]


def with_check_digit(digits: str) -> str:
    """Return the digits and the check digit of GS1 keys."""
    return digits + str(gs1_standard_check_digit(digits))


def keys(length: int) -> st.SearchStrategy[str]:
    """Digits of this length that end in their check digit."""
    return st.text("0123456789", min_size=length - 1, max_size=length - 1).map(with_check_digit)


def texts_82(longest: int) -> st.SearchStrategy[str]:
    """Values of GS1 character set 82."""
    return st.text(CSET_82, min_size=1, max_size=longest).filter(
        lambda text: not any(each in text.upper() for each in ("<GS>", "<FNC1>"))
    )


days = st.dates(date(1978, 1, 1), date(2076, 12, 31))
six_digits = st.integers(0, 999_999).map("{:06d}".format)


@st.composite
def expiries(draw: st.DrawFn) -> Elements:
    """(17), (7003), both in agreement, or none."""
    day = draw(days)
    hour, minute = draw(st.integers(0, 23)), draw(st.integers(0, 59))
    both = {"17": f"{day:%y%m%d}", "7003": f"{day:%y%m%d}{hour:02d}{minute:02d}"}
    return {ai: both[ai] for ai in draw(st.sets(st.sampled_from(sorted(both))))}


@st.composite
def limits(draw: st.DrawFn) -> Elements:
    """(4331) and (4333), or their °F, or some of them; the highest not below the lowest."""
    low, high = sorted((draw(st.integers(-27315, 20000)), draw(st.integers(-27315, 20000))))
    ai = draw(st.sampled_from([("4331", "4333"), ("4330", "4332")]))
    both = {name: f"{abs(at):06d}{'-' if at < 0 else ''}" for name, at in zip(ai, (high, low))}  # noqa: B905
    return {name: both[name] for name in draw(st.sets(st.sampled_from(sorted(both))))}


_OPTIONAL: dict[str, st.SearchStrategy[str]] = {
    "00": keys(18),
    "10": texts_82(20),
    "11": days.map(lambda day: f"{day:%y%m%d}"),
    "21": texts_82(20),
    "240": texts_82(30),
    "254": texts_82(20),
    "410": keys(13),
    "414": keys(13),
    "417": keys(13),
    "8003": st.tuples(keys(13), st.text("ABC123", max_size=16)).map(
        lambda both: "0" + "".join(both)
    ),
    "8004": texts_82(26).map("9521{}".format),
    "8018": keys(18),
    "8019": st.integers(0, 9_999_999_999).map(str),
    "90": texts_82(30),
}


@st.composite
def labels(draw: st.DrawFn) -> Elements:
    """What one GS1 label says: a GTIN and any of the fields beside it."""
    optional = draw(st.fixed_dictionaries({}, optional=_OPTIONAL))
    return {"01": draw(keys(14))} | optional | draw(expiries()) | draw(limits())


def element_string(elements: Sequence[tuple[str, str]]) -> str:
    """Return an element string, FNC1 as GS where it is needed."""
    parts = [ai + value + ("" if ai in FIXED else GS) for ai, value in elements]
    return "".join(parts).removesuffix(GS)


def bracketed(elements: Sequence[tuple[str, str]]) -> str:
    """Return the human-readable form."""
    return "".join(f"({ai}){value.replace('(', chr(92) + '(')}" for ai, value in elements)


def digital_link(elements: Sequence[tuple[str, str]]) -> str:
    """Return a Digital Link: qualifiers of the GTIN in the path, the others in the query."""
    values = dict(elements)
    path = [ai for ai in ("01", "10", "21") if ai in values]
    query = [(ai, value) for ai, value in elements if ai not in path]
    address = "https://example.com/some/01/prefix" + "".join(
        f"/{ai}/{quote(values[ai], safe='')}" for ai in path
    )
    return address + "?" + "&".join(f"{ai}={quote(value, safe='')}" for ai, value in query)


CARRIERS: dict[str, Callable[[Sequence[tuple[str, str]]], str]] = {
    "GS1-128": lambda pairs: "]C1" + element_string(pairs),
    "GS1 DataMatrix": lambda pairs: "]d2" + element_string(pairs),
    "GS1 QR Code": lambda pairs: "]Q3" + element_string(pairs),
    "GS1 DataBar": lambda pairs: "]e0" + element_string(pairs),
    "FNC1 at both ends": lambda pairs: f"]d2{GS}{element_string(pairs)}{GS}\r\n",
    "keyboard": element_string,
    "Data Matrix": lambda pairs: "]d1" + digital_link(pairs),
    "QR Code": lambda pairs: "]Q1" + digital_link(pairs),
    "link by keyboard": digital_link,
    "print": bracketed,
}


def shuffled(elements: Mapping[str, str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """The same fields in any order."""
    return st.permutations(sorted(elements.items()))


_LETTERS = "ABCDEFGHIJKLMNPQRSTUVWXYZ"
facilities = st.from_regex(rf"[{_LETTERS}1-9][{_LETTERS}0-9]{{2}}[0-9]{{2}}", fullmatch=True)
donations = st.tuples(facilities, st.from_regex("[0-9]{8}", fullmatch=True)).map("".join)
identities = st.tuples(facilities, st.from_regex("[0-9]{2}[A-Z0-9]{6}", fullmatch=True)).map(
    lambda both: "CH" + "".join(both)
)


def with_check_character(data: str) -> str:
    """Return the data and its check character K."""
    return data + check_character(data)
