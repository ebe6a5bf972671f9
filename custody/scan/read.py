"""From what was scanned or typed to facts. Whatever is not certain is refused, never repaired."""

import re
from datetime import date

from custody.scan.carrier import BARE_GTIN, ELEMENTS, FREE, GS, Carrier, received_text
from custody.scan.digital_link import read_digital_link
from custody.scan.elements import check_elements, known_identifier, split_elements
from custody.scan.facts import Scan, scan_of_elements, scan_of_structures
from custody.scan.isbt import read_structures, read_typed
from custody.scan.refusal import refusal, shown
from schemas.errors import ScanError

_GTIN_LENGTHS = (8, 12, 13, 14)
_COMPONENT = "|]e0"
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")


def parse_scan(received: str | bytes, *, today: date) -> Scan:
    """Return the facts of one scanned symbol.

    Args:
        received: What the scanner sent: with or without a symbology identifier (`]d2`), FNC1 as
            GS (ASCII 29); bytes are UTF-8. One Enter or Tab after it is taken off.
        today: For the century of two-digit years.

    Raises:
        ScanError: It is not a GS1 element string, GS1 Digital Link, GTIN or ISBT 128 label that
            is right throughout. Nothing else is ever raised, whatever was received.
    """
    text = received_text(received)
    if not text.startswith("]"):
        return _without_identifier(text, today)
    kind, data = text[:3], text[3:]
    if kind in ELEMENTS:
        return _elements(split_elements(data), today, ELEMENTS[kind])
    if kind in BARE_GTIN:
        return _bare_gtin(kind, data, today)
    if kind in FREE:
        return _free(data, today, FREE[kind])
    wrong = f"Symbols of the kind {shown(kind)} are not read here."
    known = ", ".join((*ELEMENTS, *BARE_GTIN, *FREE))
    raise refusal(wrong, f"Scan the label's GS1 or ISBT 128 symbol ({known}).")


def parse_bracketed(typed: str, *, today: date) -> Scan:
    r"""Return the facts of the print below a symbol: `(01)09521101530001(21)12345`.

    Args:
        typed: Identifiers in brackets, each followed by its value; blanks around them are
            ignored. An opening bracket that belongs to a value is written `\(`.
        today: For the century of two-digit years.

    Raises:
        ScanError: It is not of this form, or not right throughout.
    """
    text = received_text(typed).strip()
    pairs = re.findall(r"\(([0-9]{2,4})\)((?:[^(\\]|\\\()*)", text)
    written = "".join(f"({ai}){value}" for ai, value in pairs)
    if not pairs or written != text:
        wrong = f"{shown(text)} is not written as (identifier)value, again and again."
        raise refusal(wrong, "Type each identifier in brackets: (01)…(21)…")
    values = [(ai, value.strip().replace("\\(", "(")) for ai, value in pairs]
    return _elements(values, today, Carrier.TYPED)


def parse_typed_isbt(typed: str) -> Scan:
    """Return the facts of a typed donation number or chain-of-identity identifier.

    Args:
        typed: As printed, in groups or not (`G1234 17 654321 A`); the check character K behind
            it is checked when it is there.

    Raises:
        ScanError: It is neither, or K is wrong.
    """
    number, content = read_typed(received_text(typed).strip())
    return scan_of_structures([(number, content)], carrier=Carrier.TYPED)


def _elements(pairs: list[tuple[str, str]], today: date, carrier: Carrier) -> Scan:
    return scan_of_elements(check_elements(pairs, today), today, carrier=carrier)


def _bare_gtin(kind: str, data: str, today: date) -> Scan:
    """Return the GTIN of an EAN or ITF symbol, with the fields of a composite beside it."""
    carrier, length = BARE_GTIN[kind]
    digits, component, more = data.partition(_COMPONENT)
    if not re.fullmatch("[0-9]+", digits) or len(digits) != length:
        raise refusal(f"{carrier} has {length} digits, not {shown(digits)}.")
    pairs = [("01", digits.zfill(14))]
    return _elements(pairs + (split_elements(more) if component else []), today, carrier)


def _free(data: str, today: date, carrier: Carrier) -> Scan:
    """Return the facts of a symbol that may hold anything: a Digital Link or ISBT 128."""
    if re.match("https?://", data, re.IGNORECASE):
        link = read_digital_link(data)
        elements = check_elements(link.elements, today)
        return scan_of_elements(
            elements, today, carrier=carrier, host=link.host, ignored=link.ignored
        )
    if data.startswith(("=", "&")):
        return scan_of_structures(read_structures(data), carrier=carrier)
    if _SCHEME.match(data):
        raise refusal(f"{shown(data)} is not a web address (http, https); it is not opened.")
    wrong = f"This {carrier} holds {shown(data)}: neither a GS1 Digital Link nor ISBT 128."
    raise refusal(wrong, "Scan the symbol that identifies the item.")


def _without_identifier(text: str, today: date) -> Scan:
    """Return the facts of text that does not say what symbol it is from.

    Digits that are both a whole GTIN and an element string are refused: which one it is, only
    the symbology identifier tells.
    """
    if text.startswith("("):
        return parse_bracketed(text, today=today)
    if not re.match(f"{GS}|[0-9]", text):
        return _free(text, today, Carrier.KEYBOARD)
    gtin = _whole_gtin(text, today)
    try:
        elements = _elements(split_elements(text), today, Carrier.KEYBOARD)
    except ScanError as error:
        if gtin is not None:
            return gtin
        if _has_gtin_length(text):
            wrong = f"As a GTIN {shown(text)} has a wrong check digit. As GS1 fields: {error.wrong}"
            raise refusal(wrong) from None
        raise
    if gtin is not None:
        ai = known_identifier(text).ai
        wrong = f"{shown(text)} may be a GTIN, or the field ({ai})."
        raise refusal(wrong, "Set the scanner to send symbology identifiers (AIM), and scan again.")
    return elements


def _has_gtin_length(text: str) -> bool:
    return bool(re.fullmatch("[0-9]+", text)) and len(text) in _GTIN_LENGTHS


def _whole_gtin(text: str, today: date) -> Scan | None:
    if not _has_gtin_length(text):
        return None
    try:
        return _elements([("01", text.zfill(14))], today, Carrier.KEYBOARD)
    except ScanError:
        return None
