"""What is refused, and that the sentence says what is wrong."""

import pytest

from custody.scan import parse_bracketed, parse_scan
from schemas.errors import ScanError
from tests.strategies_scan import TODAY

G = "0109521101530001"
"""A right GTIN."""

REFUSED: dict[str, tuple[str | bytes, str]] = {
    # check digits; the library itself returns a message for the first three
    "wrong GTIN": ("]d20109521101530002", "check digit"),
    "wrong SSCC": ("]d200106141412345678909", "check digit"),
    "wrong GLN": ("]d24149521321000010", "check digit"),
    "wrong GRAI": ("]d2800309521141234567ABC", "check digit"),
    "wrong GSRN": ("]d28018123456789012345678", "check digit"),
    "wrong EAN-13": ("]E05901234123458", "check digit"),
    "wrong EAN-13 by keyboard": ("5901234123458", "check digit"),
    "not a GTIN by length": ("59012341234", "application identifier"),
    "wrong pair": ("]d280131987654Ad4X4bL5ttr2310c2X", "check character pair"),
    "wrong IBAN": (f"]d2{G}8007DE89370400440532013001", "IBAN"),
    # dates and times
    "month 13": (f"]d2{G}17261301", "form"),
    "month 00": (f"]d2{G}17260001", "no date"),
    "31 February": (f"]d2{G}17260231", "no date"),
    "29 February": (f"]d2{G}17270229", "no date"),
    "day 00 with a time": (f"]d2{G}70032602001200", "no date"),
    "24 o'clock": (f"]d2{G}70032602012400", "no time"),
    "60 minutes": (f"]d2{G}70032602011260", "no time"),
    "harvest backwards": (f"]d2{G}7007260202260201", "ends before"),
    # contradictions
    "two lots": (f"]d2{G}10A\x1d10B", "twice"),
    "17 against 7003": (f"]d2{G}1726020170032602021200", "different expiry dates"),
    "F and C highest": ("]d2001061414123456789084330000800\x1d4331000800", "both"),
    "F and C lowest": ("]d2001061414123456789084332000800\x1d4333000800", "both"),
    "no temperature": ("]d2001061414123456789084331000200\x1d4333000800", "no temperature"),
    "content and item": (f"]d2{G}02095211015300013710", "both"),
    "recipient and provider": ("]d28018" + "123456789012345675\x1d8017123456789012345675", "both"),
    "two weights": (f"]d2{G}31030001953102000195", "both"),
    # characters and lengths
    "lot too long": (f"]d2{G}10ABCDEFGHIJKLMNOPQRSTU", "21 characters"),
    "lot runs into the expiry": (f"]d2{G}10ABCDEFGHIJKLMNOPQRST17251231", "28 characters"),
    "escapes count as they stand": ("]d2" + "4300" + "%41%41" * 6, "36 characters"),
    "not in set 82": (f"]d2{G}10AB#1", "form X..20"),
    "blank": (f"]d2{G}10AB 1", "form X..20"),
    "small letter in set 39": ("]d28010ABCDEFGh", "form Y..30"),
    "not in set 64": (f"]d2{G}8030AB+CD", "form Z..90"),
    "empty lot": (f"]d2{G}10", "empty"),
    "empty count": (f"]d2{G}30\x1d10A", "empty"),
    "cut short": ("]d20109521101530", "form N14"),
    "control character": (f"]d2{G}10A\x07B", "U+0007"),
    "bidirectional": (f"]d2{G}10A\u202eB", "turns the order"),
    "invisible": (f"]d2{G}10A\u200bB", "U+200B"),
    "other digits": ("]d201\u0660\u0661521101530001", "ASCII"),
    "not text": (b"]d2\xff", "not text"),
    "nothing": ("\r\n", "Nothing"),
    "empty symbol": ("]d2\x1d", "no field"),
    "endless": ("]d2" + "9" * 8_000, "more than any label"),
    "no company prefix": ("]d28004ABCD1", "company prefix"),
    "no direction": ("]d2800112341234512321", "direction"),
    "no importer index": ("]d270401AB=", "importer index"),
    "leading zero": ("]d28010952012ABC\x1d8011012", "begins with 0"),
    "bad escape": ("]d24300AB%4", "hexadecimals"),
    # structure
    "unknown field": (f"]d2{G}89ABC", "application identifier"),
    "leftover": (f"]d2{G}X", "application identifier"),
    "two separators": (f"]d2{G}10A\x1d\x1d21B", "two separators"),
    "two separators at the end": (f"]d2{G}10A\x1d\x1d", "two separators"),
    "separator spelled": (f"]d2{G}10A<GS>21B", "separator"),
    "separator pictured": (f"]d2{G}10A\u241d21B", "separator"),
    "almost a field": ("(011)2", "application identifier"),
    "beginning of a field": ("(41)2", "application identifier"),
    "piece 3 of 2": ("]d28006095211015300010302", "piece"),
    "beyond the pole": ("]d200106141412345678908430918000000010000000000", "Earth"),
    # carriers
    "unknown symbol": ("]L0" + G, "kind"),
    "plain symbol with fields": ("]d1" + G, "neither"),
    "letters": ("HELLO", "neither"),
    "EAN too long": ("]E05901234123457123", "13 digits"),
    "either": ("2112345678900", "may be a GTIN"),
    # keyboards
    "German": (f"+d2{G}", "garbled"),
    "French": (f"$d\u00e9{G}", "garbled"),
    "French without identifier": ("\u00e0&\u00e0\u00e7(\u00e9&&", "French keys"),
    "Swedish": (f"\u00a8d2{G}", "garbled"),
    "Caps Lock": (f"]D2{G}", "swapped"),
    "German address": ("https\u00d6--id.gs1.org-01-09521101530001", "garbled"),
    # addresses
    "javascript": ("javascript:alert(1)", "not opened"),
    "ftp": ("]Q1ftp://a/01/09521101530001", "not opened"),
    "data": ("]Q1data:text/html,01", "not opened"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_label_is_refused_with_a_sentence(name: str) -> None:
    text, sentence = REFUSED[name]
    with pytest.raises(ScanError) as caught:
        parse_scan(text, today=TODAY)
    assert sentence in str(caught.value)
    assert caught.value.wrong.endswith(".")
    assert caught.value.remedy
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "01 09521101530001",
        "(01)",
        "(1)2",
        "(01)0952110153000(1)",
        "x(01)09521101530001",
        "(01)095211015300\\01",
    ],
)
def test_print_that_is_not_in_brackets_is_refused(typed: str) -> None:
    with pytest.raises(ScanError):
        parse_bracketed(typed, today=TODAY)


def test_blanks_around_typed_values_do_not_matter() -> None:
    typed = parse_bracketed(" (01) 09521101530001 (10) AB-123 ", today=TODAY)
    assert typed == parse_scan(f"]d2{G}10AB-123", today=TODAY)
