"""Signed notes: the reference's vectors, strict reading, and who has signed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.base64_text import from_base64, to_base64
from custody.key_file import SigningKeyPair
from custody.note import (
    COSIGNATURE_V1,
    ED25519,
    MAX_NOTE_BYTES,
    Note,
    VerifierKey,
    open_note,
    parse_note,
    parse_vkey,
    sign_note,
)
from schemas.errors import LedgerCorrupt
from tests.strategies_notes import any_bytes, names, note_texts, notes, pairs, signed, vkeys

# golang.org/x/mod, sumdb/note/note_test.go.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = from_base64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    b"If you think cryptography is the answer to your problem,\n"
    b"then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33W"
    "Wd1RvMc+QQ=\n"
)
BENT_LINE = PETER_LINE.replace("RyyBwJnAM=", "RyyBwJnBM=")
# What sum.golang.org said of itself; its key's name is not its origin.
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = (
    "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n"
    "— sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYsp"
    "g3dxXABkGZZKdsQ8=\n"
).encode()


def note_of(*lines: str) -> bytes:
    return TEXT + b"\n" + "".join(lines).encode()


def keys_of(*texts: str) -> list[VerifierKey]:
    return [parse_vkey(each) for each in texts]


def test_the_reference_note_opens() -> None:
    note = open_note(note_of(PETER_LINE), keys_of(PETER))

    assert note.text == TEXT
    assert [each.name for each in note.signatures] == ["PeterNeumann"]


def test_signing_makes_the_reference_note_byte_for_byte() -> None:
    assert sign_note(TEXT, "PeterNeumann", SigningKeyPair(PETER_SEED)) == PETER_LINE


def test_a_note_of_the_go_checksum_database_opens() -> None:
    assert open_note(GO_NOTE, keys_of(GO_KEY)).to_bytes() == GO_NOTE


def test_signatures_of_unknown_keys_are_left_out() -> None:
    both = note_of(PETER_LINE, ENOCH_LINE)

    assert open_note(both, keys_of(PETER)).to_bytes() == note_of(PETER_LINE)
    assert open_note(both, keys_of(ENOCH, PETER)).to_bytes() == both


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    with pytest.raises(LedgerCorrupt, match="None of the trusted keys"):
        open_note(note_of(PETER_LINE), keys_of(ENOCH))


@pytest.mark.parametrize("lines", [(BENT_LINE, PETER_LINE), (PETER_LINE, BENT_LINE)])
def test_one_bad_signature_of_a_known_key_refuses_the_whole_note(lines: tuple[str, str]) -> None:
    with pytest.raises(LedgerCorrupt, match="does not belong"):
        open_note(note_of(*lines, ENOCH_LINE), keys_of(PETER, ENOCH))
    assert open_note(note_of(*lines, ENOCH_LINE), keys_of(ENOCH)).text == TEXT


def test_a_key_given_twice_is_one_key() -> None:
    assert open_note(note_of(PETER_LINE), keys_of(PETER, PETER)).text == TEXT


def test_a_key_is_known_by_name_and_id_together() -> None:
    other_name = VerifierKey(name="Peter", type=ED25519, public=keys_of(PETER)[0].public)
    other_type = VerifierKey(name="PeterNeumann", type=COSIGNATURE_V1, public=other_name.public)

    for key in (other_name, other_type):
        with pytest.raises(LedgerCorrupt, match="None of the trusted keys"):
            open_note(note_of(PETER_LINE), [key])


@pytest.mark.parametrize(
    "bad",
    [
        TEXT,
        TEXT + b"\n",
        note_of(PETER_LINE)[:-1],
        b"\x01" + note_of(PETER_LINE),
        b"\t" + note_of(PETER_LINE),
        b"\r" + note_of(PETER_LINE),
        b"\xff" + note_of(PETER_LINE),
        b"\xed\xa0\x80" + note_of(PETER_LINE),
        note_of(PETER_LINE.replace("PeterNeumann", "Bad Name")),
        note_of(PETER_LINE.replace("PeterNeumann", "Bad+Name")),
        note_of(PETER_LINE.replace("PeterNeumann", "Bad\u2003Name")),
        note_of(PETER_LINE.replace("PeterNeumann", "Bad\xa0Name")),
        note_of(PETER_LINE.replace("PeterNeumann", "")),
        note_of(PETER_LINE.replace("—", "-")),
        note_of(PETER_LINE.replace("— ", "—")),
        note_of(PETER_LINE, "Unexpected line.\n"),
        note_of(PETER_LINE, "\n"),
        note_of("— PeterNeumann x08gow==\n"),
        note_of("— PeterNeumann x08go/Y\n"),
        note_of("— PeterNeumann x08go/Z=\n"),
        note_of("— PeterNeumann x08go_Y=\n"),
        note_of("— PeterNeumann \n"),
        note_of(PETER_LINE * 101),
        b"a" * MAX_NOTE_BYTES + note_of(PETER_LINE),
    ],
)
def test_a_malformed_note_is_refused_before_any_key_is_asked(bad: bytes) -> None:
    with pytest.raises(LedgerCorrupt):
        parse_note(bad)


def test_a_hundred_signatures_are_read() -> None:
    assert len(open_note(note_of(PETER_LINE * 100), keys_of(PETER)).signatures) == 100


def test_a_text_may_hold_empty_lines_and_ends_at_the_last_one() -> None:
    text = b"\na\n\n\n"

    assert parse_note(signed(text, ("k", SigningKeyPair(PETER_SEED)))).text == text


@given(notes)
def test_a_note_is_read_as_it_was_written(note: Note) -> None:
    assert parse_note(note.to_bytes()) == note


@given(any_bytes(notes.map(Note.to_bytes)))
def test_arbitrary_bytes_are_a_note_in_exactly_one_writing_or_refused(data: bytes) -> None:
    with suppress(LedgerCorrupt):
        assert parse_note(data).to_bytes() == data


@given(note_texts, names, pairs, st.data())
def test_any_altered_bit_of_a_signed_text_is_noticed(
    text: bytes, name: str, pair: SigningKeyPair, data: st.DataObject
) -> None:
    key = VerifierKey(name=name, type=ED25519, public=pair.public)
    note = bytearray(signed(text, (name, pair)))
    assert open_note(bytes(note), [key]).text == text
    bit = data.draw(st.integers(0, 8 * len(note) - 1))
    note[bit // 8] ^= 1 << bit % 8

    with pytest.raises(LedgerCorrupt):
        open_note(bytes(note), [key])


@given(vkeys)
def test_a_verifier_key_is_read_as_it_was_written(key: VerifierKey) -> None:
    assert parse_vkey(key.to_text()) == key


def test_every_part_of_a_verifier_key_counts() -> None:
    for start in range(len(PETER)):
        for end in range(start + 1, len(PETER) + 1):
            if (start, end) != (0, len(PETER)):
                with pytest.raises(LedgerCorrupt):
                    parse_vkey(PETER[start:end])
    for at in range(len(PETER)):
        with pytest.raises(LedgerCorrupt):
            parse_vkey(PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :])


@pytest.mark.parametrize(
    "bad",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "",
        "++",
        "a+\ud800+",
        "\ud800+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_keys_of_other_kinds_are_refused(bad: str) -> None:
    with pytest.raises(LedgerCorrupt):
        parse_vkey(bad)


@given(st.text(max_size=60))
def test_arbitrary_text_is_a_key_in_exactly_one_writing_or_refused(text: str) -> None:
    with suppress(LedgerCorrupt):
        assert parse_vkey(text).to_text() == text


@given(st.text(max_size=12))
def test_base64_is_read_in_exactly_one_writing(text: str) -> None:
    with suppress(LedgerCorrupt):
        assert to_base64(from_base64(text)) == text
