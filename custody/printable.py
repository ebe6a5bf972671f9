"""Text that goes onto paper: what the certificate's fonts have, and nothing that misleads the eye.

PDF/A asks for a glyph for each character. One that the fonts lack, or that would turn or hide its
neighbours, is printed by its number, so that nothing is dropped and nothing stays unseen.
"""

import re
import unicodedata

_RANGES = (
    (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x384, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x3CE),
    (0x400, 0x45F), (0x490, 0x4C4), (0x1E00, 0x1E9B), (0x1EA0, 0x1EF9), (0x2010, 0x2015),
    (0x2018, 0x2022), (0x2026, 0x2026), (0x2030, 0x2037), (0x2039, 0x203E), (0x2044, 0x2044),
    (0x2074, 0x208E), (0x20A0, 0x20B5), (0x2190, 0x2220), (0x2260, 0x226B),
)  # fmt: skip
PRINTABLE = frozenset(chr(code) for first, last in _RANGES for code in range(first, last + 1))
"""Left to right, with a glyph in Libertinus Serif or DejaVu Sans Mono; a test prints them all."""
_LONG_WORD = re.compile(r"[^ \n]{49,}")
_PIECE = re.compile(r"[^ \n]{40}(?=[^ \n])")
_HASH = re.compile("[0-9a-f]{64}")
_MAY_BREAK = "\u200b"


def printable(text: str) -> str:
    """Return the text as it can be printed: `[U+1F600]` for what cannot, breaks in long words."""
    composed = unicodedata.normalize("NFC", text).replace("\t", " ").replace("\u00a0", " ")
    shown = "".join(one if one in PRINTABLE or one == "\n" else _number(one) for one in composed)
    return _LONG_WORD.sub(_with_breaks, shown)


def _with_breaks(word: re.Match[str]) -> str:
    """Let a word break that is too long for a column; a hash stays whole, to be copied."""
    if _HASH.fullmatch(word.group()):
        return word.group()
    return _PIECE.sub(lambda found: found.group() + _MAY_BREAK, word.group())


def _number(character: str) -> str:
    return f"[U+{ord(character):04X}]"
