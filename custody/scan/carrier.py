"""From what a scanner sends to its kind of symbol and the text in it; nothing is guessed."""

import re
from enum import StrEnum

from custody.scan.refusal import refusal, shown

GS = "\x1d"
"""FNC1 between two elements, as scanners send it."""

MAX_LENGTH = 8_000
"""More than the largest symbol holds (QR: 7089 digits)."""

_SUFFIXES = "\r\n\t"
_SPELLED_SEPARATORS = ("<GS>", "<gs>", "<FNC1>", "{GS}", "[GS]", "{FNC1}", "[FNC1]", "^]", "\u241d")
_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

_KEYBOARD = (
    "Set the scanner's keyboard language to the one of this computer (and Caps Lock off), "
    "or scan with the camera."
)


class Carrier(StrEnum):
    """What the data came in."""

    GS1_128 = "GS1-128"
    GS1_DATABAR = "GS1 DataBar"
    GS1_DATAMATRIX = "GS1 DataMatrix"
    GS1_QR = "GS1 QR Code"
    GS1_DOTCODE = "GS1 DotCode"
    EAN_13 = "EAN-13"
    EAN_8 = "EAN-8"
    ITF_14 = "ITF-14"
    CODE_128 = "Code 128"
    DATA_MATRIX = "Data Matrix"
    QR = "QR Code"
    KEYBOARD = "keyboard"
    TYPED = "typed"


ELEMENTS = {
    "]C1": Carrier.GS1_128,
    "]e0": Carrier.GS1_DATABAR,
    "]d2": Carrier.GS1_DATAMATRIX,
    "]Q3": Carrier.GS1_QR,
    "]J1": Carrier.GS1_DOTCODE,
}
"""Symbols of GS1 element strings."""

BARE_GTIN = {"]E0": (Carrier.EAN_13, 13), "]E4": (Carrier.EAN_8, 8), "]I1": (Carrier.ITF_14, 14)}
"""Symbols that hold nothing but a GTIN, and of how many digits."""

FREE = {
    "]C0": Carrier.CODE_128,
    "]C4": Carrier.CODE_128,
    "]d1": Carrier.DATA_MATRIX,
    "]Q1": Carrier.QR,
}
"""Symbols that hold anything: here a GS1 Digital Link or ISBT 128."""


def received_text(received: str | bytes) -> str:
    """Return the text without the Enter or Tab that scanners send after it.

    Raises:
        ScanError: It is empty, too long, not text, or has a character that no label has:
            control characters other than GS, bidirectional ones, anything not ASCII; or it
            shows a separator in letters, or comes from a keyboard of another language.
    """
    text = received if isinstance(received, str) else _decoded(received)
    text = text.rstrip(_SUFFIXES)
    if not text:
        raise refusal("Nothing was scanned.", "Scan the label.")
    if len(text) > MAX_LENGTH:
        raise refusal(f"{len(text)} characters are more than any label holds.", "Scan one label.")
    for spelled in _SPELLED_SEPARATORS:
        if spelled in text:
            wrong = f"The scanner shows the separator between two fields as {shown(spelled)}."
            raise refusal(wrong, "Set it to send FNC1 as GS (ASCII 29).")
    _refuse_mangled(text)
    for character in text:
        if character != GS and not " " <= character <= "~":
            raise _odd_character(character)
    return text


def _decoded(received: bytes) -> str:
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refusal(f"Byte {error.start} of the scan is not text.") from None


def _odd_character(character: str) -> Exception:
    name = f"U+{ord(character):04X}"
    if character in _BIDIRECTIONAL:
        return refusal(f"The text has {name}, which turns the order of reading around.")
    if not character.isprintable():
        return refusal(f"The text has the control character {name}; a label has none.")
    return refusal(f"The text has the character {name}; a label has plain ASCII only.")


def _refuse_mangled(text: str) -> None:
    """Raise for the traces of a keyboard of another language, or of Caps Lock.

    US `]` is `+`, `$`, `¨` and others elsewhere; French digits are letters without Shift.
    """
    known = "|".join(name[1:] for name in (*ELEMENTS, *BARE_GTIN, *FREE))
    letters, digits = "CcDdEeQqIiJj", "0-9&\u00e9\"'(\u00e0"
    bracket = "+$\u00a8\u00b4}\u00fc\u00dc\u00e5\u00c5\u00e8\\[\u011f\u011e*"
    if re.match("[&\u00e9\"'(\u00e8_\u00e7\u00e0-]{6}", text):
        raise refusal("The scan begins with what French keys give for digits.", _KEYBOARD)
    if re.match(rf"[{bracket}][{letters}][{digits}]", text):
        wrong = f"The scan begins with {shown(text[:3])}, which looks like a garbled ']d2'."
        raise refusal(wrong, _KEYBOARD)
    if re.match(rf"\](?i:{known})", text) and not re.match(rf"\](?:{known})", text):
        wrong = f"The scan begins with {shown(text[:3])}: capital and small letters are swapped."
        raise refusal(wrong, _KEYBOARD)
    if re.match("http(?!s?://)", text, re.IGNORECASE):
        raise refusal(f"The web address begins with {shown(text[:9])}, garbled.", _KEYBOARD)
