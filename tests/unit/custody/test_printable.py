"""What goes onto paper: every character that is let through has a glyph, nothing else passes."""

import unicodedata
from datetime import UTC, datetime

from hypothesis import given
from hypothesis.strategies import characters, text

from custody.certificate import Certificate, CertifiedHead, CertifiedStep, certificate_pdf
from custody.checkpoint import Checkpoint
from custody.printable import PRINTABLE, printable

BREAK = "\u200b"


def certificate(title: str) -> Certificate:
    return Certificate(
        shipment="U-1",
        facts=((title, title),),
        steps=(
            CertifiedStep(
                index=0,
                title=title,
                claimed=title,
                recorded=title,
                entry_hash="ab" * 32,
                covered=True,
                conflict=True,
                signatures=(),
                details=(title,),
            ),
        ),
        waits=(title,),
        legs=(),
        verdict=(title,),
        limits=(title,),
        head=CertifiedHead(
            checkpoint=Checkpoint(origin="unbroken/test", size=1, root=bytes(32)),
            note=b"note",
            signed_at=datetime(2026, 11, 21, 10, 0, 0, 123_456, tzinfo=UTC),
            witnessed=title,
            indexes="0",
        ),
    )


def test_every_printable_character_has_a_glyph() -> None:
    assert certificate_pdf(certificate(" ".join(sorted(PRINTABLE)))).startswith(b"%PDF")


@given(text(characters(codec="utf-8"), max_size=300))
def test_only_printable_characters_are_printed(written: str) -> None:
    assert set(printable(written)) <= PRINTABLE | {"\n", BREAK}


@given(text(sorted(PRINTABLE - {"[", "]"}), max_size=300))
def test_what_can_be_printed_is_printed_as_it_is(written: str) -> None:
    assert printable(written).replace(BREAK, "") == unicodedata.normalize("NFC", written)


def test_what_turns_or_hides_its_neighbours_is_shown_by_its_number() -> None:
    assert printable("a\u202eb\u200b😀") == "a[U+202E]b[U+200B][U+1F600]"


def test_a_hash_is_not_broken_and_a_long_word_is() -> None:
    assert BREAK not in printable("ab" * 32)
    assert BREAK in printable("x" * 64)
