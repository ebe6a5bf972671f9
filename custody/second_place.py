"""The log's second place: its key and what it signed, in a directory outside the database.

Whoever rewrites the database does not rewrite this directory. `checkpoint.txt` is the truth about
what was signed last; it is replaced in one step and safely on disk before the database learns of
it. `checkpoints.txt` is the history: each note followed by an empty line (docs/notary.md).
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from custody.checkpoint import Checkpoint, open_checkpoint
from custody.key_file import SigningKeyPair, load_key, new_key, save_key
from custody.note import ED25519, VerifierKey
from schemas.errors import ConfigurationError, LedgerCorrupt
from schemas.kill_at import reached
from schemas.settings import Settings

KEY = "log-key.pem"
LAST = "checkpoint.txt"
HISTORY = "checkpoints.txt"
SEAL_KEY = "seal-key.pem"

_TAIL_BYTES = 64 * 1024
_END_OF_NOTE = re.compile("\n\N{EM DASH} [^\n]+\n\n".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint and the note by which the log signed it."""

    checkpoint: Checkpoint
    note: bytes


def second_place_dir(settings: Settings) -> Path:
    """Return the directory of the second place."""
    return settings.log_dir or settings.data_dir / "notary"


def seal_key_path(settings: Settings) -> Path:
    """Return the file of the key by which the service signs seals of readings.

    It is another key than the log's: that one signs checkpoints and nothing else.
    """
    return second_place_dir(settings) / SEAL_KEY


def log_vkey(origin: str, pair: SigningKeyPair) -> VerifierKey:
    """Return the key under which the log's checkpoints are checked; it bears the log's name."""
    return VerifierKey(name=origin, type=ED25519, public=pair.public)


class SecondPlace:
    """The directory. Only one process at a time may hold it, by `claimed`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.expanduser().absolute()

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Own the directory for the length of the block; two notaries might sign two logs.

        Raises:
            ConfigurationError: Another process owns it, or it cannot be made.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.directory / "lock").open("ab")
        except OSError as error:
            raise ConfigurationError(
                f"The log's second place {self.directory} cannot be used: {error.strerror}. "
                "Set UNBROKEN_LOG_DIR."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConfigurationError(
                    f"Another notary works with {self.directory}: only one may sign for a log."
                ) from None
            yield

    def load_key(self) -> SigningKeyPair:
        """Return the log's key.

        Raises:
            ConfigurationError: It is missing, readable by others, or no private key.
        """
        return load_key(self.directory / KEY)

    def has_key(self) -> bool:
        """Return whether the log's key is here."""
        return (self.directory / KEY).exists()

    def make_key(self) -> SigningKeyPair:
        """Return the log's new key, safely on disk. Only for a log that has never signed.

        Raises:
            ConfigurationError: There is a key already.
        """
        pair = new_key()
        save_key(self.directory / KEY, pair)
        self._sync_directory()
        return pair

    def last(self, key: VerifierKey) -> Signed | None:
        """Return what the log signed last; None when it never did.

        Args:
            key: The log's key, as of `log_vkey`.

        Raises:
            LedgerCorrupt: It is not signed by this key for this log, or is older than the history.
        """
        latest = self._read(LAST)
        before = self._last_of_history()
        if latest is None:
            if before:
                raise LedgerCorrupt(f"{LAST} is gone from {self.directory}, its history is not.")
            return None
        signed = _opened(latest, key)
        if before and before != latest:
            earlier = _opened(before, key).checkpoint
            if earlier.size >= signed.checkpoint.size:
                raise LedgerCorrupt(
                    f"The history in {self.directory} reaches size {earlier.size}, but {LAST} "
                    f"says {signed.checkpoint.size}: one of them was put back or changed."
                )
        return signed

    def write(self, note: bytes) -> None:
        """Make this the last checkpoint, safely on disk, and add it to the history."""
        self._replace_last(note)
        reached("notary.after_second_place_before_history")
        self.mend_history()

    def mend_history(self) -> None:
        """Bring the history to the last checkpoint, if the process died before that.

        Raises:
            LedgerCorrupt: The history ends in something that was never written by `write`.
        """
        latest = self._read(LAST)
        if latest is None:
            return
        tail, start = self._tail()
        ends = [found.end() for found in _END_OF_NOTE.finditer(tail)]
        complete = ends[-1] if ends else 0
        unfinished, record = tail[complete:], latest + b"\n"
        if not unfinished and tail.endswith(record):
            return
        if not record.startswith(unfinished):
            raise LedgerCorrupt(f"{HISTORY} in {self.directory} ends in something else than notes.")
        self._append(record, at=start + complete)

    def history(self) -> list[bytes]:
        """Return all notes of the history, the oldest first; a torn last one is left out."""
        data = self._read(HISTORY) or b""
        ends = [0, *(found.end() for found in _END_OF_NOTE.finditer(data))]
        return [data[first : last - 1] for first, last in pairwise(ends)]

    def _replace_last(self, note: bytes) -> None:
        unfinished = self.directory / f"{LAST}.unfinished"
        reached("notary.before_second_place")
        with unfinished.open("wb") as file:
            file.write(note[: len(note) // 2])
            file.flush()
            reached("notary.second_place_half_written")
            file.write(note[len(note) // 2 :])
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.directory / LAST)
        self._sync_directory()

    def _append(self, record: bytes, *, at: int) -> None:
        with (self.directory / HISTORY).open("ab") as file:
            file.truncate(at)
            file.write(record[: len(record) // 2])
            file.flush()
            reached("notary.history_half_written")
            file.write(record[len(record) // 2 :])
            file.flush()
            os.fsync(file.fileno())
        self._sync_directory()

    def _last_of_history(self) -> bytes | None:
        tail, _ = self._tail()
        ends = [0, *(found.end() for found in _END_OF_NOTE.finditer(tail))]
        return tail[ends[-2] : ends[-1] - 1] if len(ends) > 1 else None

    def _tail(self) -> tuple[bytes, int]:
        """Return the end of the history, and where in the file it begins."""
        try:
            with (self.directory / HISTORY).open("rb") as file:
                start = max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES)
                file.seek(start)
                return file.read(), start
        except FileNotFoundError:
            return b"", 0

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.directory / name).read_bytes()
        except FileNotFoundError:
            return None

    def _sync_directory(self) -> None:
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _opened(note: bytes, key: VerifierKey) -> Signed:
    return Signed(checkpoint=open_checkpoint(note, [key]), note=note)
