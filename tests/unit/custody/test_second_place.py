"""The second place: what was signed last is there whole, whenever the process died."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.checkpoint import Checkpoint, sign_checkpoint
from custody.key_file import SigningKeyPair
from custody.second_place import HISTORY, KEY, LAST, SecondPlace, log_vkey
from schemas.errors import ConfigurationError, LedgerCorrupt
from tests.strategies_custody import leaf_hashes

ORIGIN = "unbroken/11111111-2222-3333-4444-555555555555"
PAIR = SigningKeyPair(bytes(range(32)))
VKEY = log_vkey(ORIGIN, PAIR)


def note_of(size: int, root: bytes = b"r" * 32, pair: SigningKeyPair = PAIR) -> bytes:
    return sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=root), pair)


def place_with(directory: Path, *sizes: int) -> SecondPlace:
    place = SecondPlace(directory)
    with place.claimed():
        for size in sizes:
            place.write(note_of(size))
    return place


def test_nothing_is_last_where_nothing_was_signed(tmp_path: Path) -> None:
    assert SecondPlace(tmp_path).last(VKEY) is None
    assert SecondPlace(tmp_path).history() == []


@given(roots=st.lists(leaf_hashes, min_size=1, max_size=6))
def test_what_was_written_is_read_and_the_history_keeps_all(
    roots: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = SecondPlace(tmp_path_factory.mktemp("second"))
    notes = [note_of(size, root) for size, root in enumerate(roots, start=1)]
    for note in notes:
        place.write(note)
    last = place.last(VKEY)
    assert last is not None
    assert last.note == notes[-1]
    assert last.checkpoint.root == roots[-1]
    assert place.history() == notes


@pytest.mark.parametrize("torn", range(len(note_of(7)) + 1))
def test_a_history_torn_anywhere_is_mended(torn: int, tmp_path: Path) -> None:
    place = place_with(tmp_path, 3, 5)
    (tmp_path / LAST).write_bytes(note_of(7))
    with (tmp_path / HISTORY).open("ab") as file:
        file.write(note_of(7)[:torn])
    place.mend_history()
    assert place.history() == [note_of(3), note_of(5), note_of(7)]
    place.mend_history()
    assert place.history() == [note_of(3), note_of(5), note_of(7)]


def test_a_history_longer_than_its_window_is_mended(tmp_path: Path) -> None:
    place = place_with(tmp_path, 1)
    (tmp_path / HISTORY).write_bytes(b"".join(note_of(size) + b"\n" for size in range(1, 900)))
    (tmp_path / LAST).write_bytes(note_of(900))
    place.mend_history()
    assert place.history() == [note_of(size) for size in range(1, 901)]


def test_a_last_checkpoint_that_was_put_back_is_noticed(tmp_path: Path) -> None:
    place = place_with(tmp_path, 3, 5)
    (tmp_path / LAST).write_bytes(note_of(3))
    with pytest.raises(LedgerCorrupt, match="put back"):
        place.last(VKEY)


def test_a_last_checkpoint_that_is_gone_is_noticed(tmp_path: Path) -> None:
    place = place_with(tmp_path, 3)
    (tmp_path / LAST).unlink()
    with pytest.raises(LedgerCorrupt, match="is gone"):
        place.last(VKEY)


def test_a_history_that_ends_in_something_else_is_noticed(tmp_path: Path) -> None:
    place = place_with(tmp_path, 3)
    with (tmp_path / HISTORY).open("ab") as file:
        file.write(b"something else")
    with pytest.raises(LedgerCorrupt, match="something else"):
        place.mend_history()


@given(at=st.integers(0, len(note_of(9)) - 1), bit=st.integers(0, 7))
def test_any_altered_bit_of_the_last_checkpoint_is_noticed(
    at: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("second")
    data = bytearray(note_of(9))
    data[at] ^= 1 << bit
    (directory / LAST).write_bytes(data)
    with pytest.raises(LedgerCorrupt):
        SecondPlace(directory).last(VKEY)


def test_another_key_or_another_log_is_not_believed(tmp_path: Path) -> None:
    place = SecondPlace(tmp_path)
    place.write(note_of(3, pair=SigningKeyPair(b"o" * 32)))
    with pytest.raises(LedgerCorrupt):
        place.last(VKEY)
    with pytest.raises(LedgerCorrupt):
        place.last(log_vkey("unbroken/other", SigningKeyPair(b"o" * 32)))


def test_two_notaries_cannot_hold_one_place(tmp_path: Path) -> None:
    with (
        SecondPlace(tmp_path).claimed(),
        pytest.raises(ConfigurationError, match="only one may sign"),
        SecondPlace(tmp_path).claimed(),
    ):
        pass


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = SecondPlace(tmp_path / "file" / "below")
    with pytest.raises(ConfigurationError, match="UNBROKEN_LOG_DIR"), place.claimed():
        pass


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    place = SecondPlace(tmp_path)
    assert not place.has_key()
    pair = place.make_key()
    assert place.has_key()
    assert place.load_key() == pair
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError, match="never overwritten"):
        place.make_key()
