"""GS1 Digital Link: a web address that holds GS1 fields. It is read, and never followed.

Source: GS1 Digital Link Standard, URI Syntax. `biip` reads such addresses too, but takes the last
of two different values of one parameter, so only its table of identifiers is used here.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from custody.scan.refusal import refusal, shown

_QUALIFIERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "01": (("22", "10", "21"), ("235",)),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8004": (("7040",),),
    "8017": (("8019",),),
    "8018": (("8019",),),
    **dict.fromkeys(("00", "253", "255", "401", "402", "8003", "8013"), ((),)),
}
"""Primary keys, and the sequences of qualifiers that may follow, some left out, none moved."""

_WORDS = {
    "gtin": "01",
    "itip": "8006",
    "gmn": "8013",
    "cpid": "8010",
    "gln": "414",
    "party": "417",
    "payto": "415",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
    "cpsn": "8011",
    "glnx": "254",
    "refno": "8020",
    "srin": "8019",
    "exp": "17",
    "expdt": "7003",
}
"""Names instead of numbers, of the standard's version 1.0; labels of that time have them."""

_URI = re.compile(
    r"https?://(?P<host>(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)"
    r"(?P<path>/[A-Za-z0-9._~:/@!$&'()*+,;=%-]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]")
_SHORT_GTINS = (8, 12, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitalLink:
    """What a Digital Link holds: fields in order, unchecked, and what is beside them."""

    host: str
    elements: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]


def read_digital_link(uri: str) -> DigitalLink:
    """Return the GS1 fields in a web address, any host, percent-decoded.

    Raises:
        ScanError: It is not http or https, has characters no address has, names its user, is
            compressed, or its path is not a GS1 key with its qualifiers in order.
    """
    unsafe = _UNSAFE.search(uri)
    if unsafe:
        raise refusal(f"{shown(unsafe[0])} may not stand in a web address.")
    parts = _URI.fullmatch(uri)
    if not parts:
        raise refusal(f"{shown(uri)} is not a web address with a GS1 key in it.")
    elements, ignored = _query_elements(parts["query"] or "")
    return DigitalLink(
        host=parts["host"].lower(),
        elements=(*_path_elements(parts["path"]), *elements),
        ignored=ignored,
    )


def _path_elements(path: str) -> list[tuple[str, str]]:
    """Return the key and its qualifiers: the last key of the path counts, as the standard says."""
    steps = path.split("/")[1:]
    for start in range(len(steps) - 2, -1, -2):
        if _identifier(steps[start]) in _QUALIFIERS:
            names = [_identifier(name) for name in steps[start::2]]
            values = [_decoded(value) for value in steps[start + 1 :: 2]]
            _check_order(names)
            return [(ai, _full(ai, value)) for ai, value in zip(names, values, strict=True)]
    wrong = f"The web address has no GS1 key at the end of its path ({shown(path)})."
    raise refusal(wrong, "If it is a compressed Digital Link, use one that is not.")


def _identifier(name: str) -> str:
    return _WORDS.get(name, name)


def _check_order(names: list[str]) -> None:
    key, given = names[0], names[1:]
    for allowed in _QUALIFIERS[key]:
        rest = iter(allowed)
        if all(name in rest for name in given):
            return
    wrong = f"After ({key}) the web address has {', '.join(f'({shown(name)})' for name in given)};"
    raise refusal(f"{wrong} these may not follow, or not in this order.")


def _query_elements(query: str) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return the fields among the parameters, and the names of the others."""
    found, ignored = [], []
    for parameter in re.split("[&;]", query):
        name, equals, value = parameter.partition("=")
        name = _decoded(name)
        ai = _identifier(name)
        if not ai.isdecimal():
            ignored += [name] if name else []
            continue
        if not equals or "+" in value:
            wrong = f"The parameter ({ai}) is not readable"
            raise refusal(f"{wrong}: it has no value, or a + that should be %2B.")
        found.append((ai, _full(ai, _decoded(value))))
    return found, tuple(ignored)


def _decoded(value: str) -> str:
    """Return a part without percent-encoding.

    Raises:
        ScanError: A % stands alone, or what it hides is not printable ASCII.
    """
    if re.search("%(?![0-9A-Fa-f]{2})", value):
        raise refusal(f"{shown(value)} has a % that is not followed by two hexadecimals.")
    plain = unquote_to_bytes(value).decode("latin-1")
    if not re.fullmatch("[ -~]*", plain):
        raise refusal(f"{shown(value)} hides a character that no GS1 field has.")
    return plain


def _full(ai: str, value: str) -> str:
    """Return a GTIN with 14 digits; older links leave its zeros out."""
    return value.zfill(14) if ai == "01" and len(value) in _SHORT_GTINS else value
