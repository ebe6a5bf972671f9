"""Checkpoints: strict reading, and which key speaks for which log."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given

from custody.checkpoint import LARGEST, Checkpoint, open_checkpoint, parse_checkpoint
from custody.checkpoint import sign_checkpoint as sign
from custody.key_file import SigningKeyPair
from custody.note import ED25519, VerifierKey, parse_vkey
from schemas.errors import LedgerCorrupt
from tests.strategies_notes import any_bytes, checkpoints, named_checkpoints, pairs, signed

ROOT_TEXT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
EXAMPLE = f"example.com/behind-the-sofa\n20852163\n{ROOT_TEXT}\n".encode()
OTHER_ORIGIN_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
OTHER_ORIGIN_NOTE = (
    "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n"
    "— sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYsp"
    "g3dxXABkGZZKdsQ8=\n"
).encode()


def key_of(name: str, pair: SigningKeyPair) -> VerifierKey:
    return VerifierKey(name=name, type=ED25519, public=pair.public)


def test_the_example_of_the_specification_is_read() -> None:
    checkpoint = parse_checkpoint(EXAMPLE)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a")
    assert checkpoint.extensions == ()


@given(checkpoints)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint.to_bytes()) == checkpoint


@given(any_bytes(checkpoints.map(Checkpoint.to_bytes)))
def test_arbitrary_bytes_are_a_checkpoint_in_exactly_one_writing_or_refused(data: bytes) -> None:
    with suppress(LedgerCorrupt):
        assert parse_checkpoint(data).to_bytes() == data


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "\n",
        "o\n1\n",
        f"o\n1\n{ROOT_TEXT}",
        f"\n1\n{ROOT_TEXT}\n",
        f"o\n01\n{ROOT_TEXT}\n",
        f"o\n-1\n{ROOT_TEXT}\n",
        f"o\n+1\n{ROOT_TEXT}\n",
        f"o\n1_0\n{ROOT_TEXT}\n",
        f"o\n१\n{ROOT_TEXT}\n",
        f"o\n1 \n{ROOT_TEXT}\n",
        f"o\n\n{ROOT_TEXT}\n",
        f"o\n{LARGEST + 1}\n{ROOT_TEXT}\n",
        f"o\n{'9' * 5000}\n{ROOT_TEXT}\n",
        f"o\n1\n{ROOT_TEXT[:-1]}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT_TEXT}\n\n",
        f"o\n1\n{ROOT_TEXT}\n\nextension\n",
        f"o\r\n1\n{ROOT_TEXT}\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(bad: str) -> None:
    with pytest.raises(LedgerCorrupt):
        parse_checkpoint(bad.encode())


def test_the_largest_size_is_read() -> None:
    assert parse_checkpoint(f"o\n{LARGEST}\n{ROOT_TEXT}\n".encode()).size == LARGEST


@given(named_checkpoints, pairs)
def test_a_signed_checkpoint_opens_with_its_logs_key(
    checkpoint: Checkpoint, pair: SigningKeyPair
) -> None:
    assert open_checkpoint(sign(checkpoint, pair), [key_of(checkpoint.origin, pair)]) == checkpoint


@given(named_checkpoints, named_checkpoints, pairs)
def test_a_log_cannot_sign_for_another_log(
    one: Checkpoint, other: Checkpoint, pair: SigningKeyPair
) -> None:
    stranger = replace(other, origin=one.origin + "x")

    with pytest.raises(LedgerCorrupt, match="another log's key"):
        open_checkpoint(signed(stranger.to_bytes(), (one.origin, pair)), [key_of(one.origin, pair)])


def test_a_key_that_does_not_bear_the_origin_speaks_for_no_log() -> None:
    with pytest.raises(LedgerCorrupt, match="another log's key"):
        open_checkpoint(OTHER_ORIGIN_NOTE, [parse_vkey(OTHER_ORIGIN_KEY)])


def test_a_signed_note_that_is_no_checkpoint_is_refused() -> None:
    pair = SigningKeyPair(bytes(32))

    with pytest.raises(LedgerCorrupt):
        open_checkpoint(signed(b"a\nb\n", ("a", pair)), [key_of("a", pair)])
