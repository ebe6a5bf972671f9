"""A witness's memory: one SQLite file, safely on disk before any cosignature leaves.

Whoever answers reads the last head, decides, signs, and writes the new head in one transaction
that excludes all others. The signature is made inside, so that no smaller checkpoint is cosigned
after a larger one; it leaves only after the commit, so that none is forgotten.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from custody.key_file import load_key, new_key, save_key
from custody.note import VerifierKey, is_key_name
from custody.witness import Head, Refusal, Submission, Witness, admit, cosign_after, decide
from schemas.errors import ConfigurationError, StoreUnavailable
from schemas.kill_at import reached

KILL_POINTS = ("witness.before_persist", "witness.after_persist_before_answer")
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
BOOK, KEY = "witness.sqlite3", "witness-key.pem"
MAX_CONTRADICTIONS = 100
"""How many contradictions are kept of each log; the first ones say enough."""

_BUSY_S = 10
_TABLES = """
CREATE TABLE IF NOT EXISTS witness (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS head (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
    at INTEGER NOT NULL, note BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS contradiction (
    origin TEXT NOT NULL, at INTEGER NOT NULL, sentence TEXT NOT NULL, note BLOB NOT NULL,
    PRIMARY KEY (origin, note)
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness answers over HTTP."""

    status: HTTPStatus
    body: str
    media_type: str = TEXT_TYPE


class WitnessBook:
    """The heads a witness has cosigned. Threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        """Open the book, or begin an empty one.

        Raises:
            StoreUnavailable: The file is not such a book, or cannot be written.
        """
        self._lock = threading.Lock()
        with _sentences():
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            # EXTRA also makes the end of a transaction durable, not only its beginning.
            self._connection.execute("PRAGMA synchronous = EXTRA")
            self._connection.execute("PRAGMA fullfsync = ON")
            self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection; nobody else reads or writes heads until the end of the block.

        Raises:
            StoreUnavailable: Nothing of the block is stored.
        """
        with self._lock, _sentences():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def name(self) -> str | None:
        """Return the witness's name; None for a new book."""
        with self.transaction() as connection:
            row = connection.execute("SELECT name FROM witness").fetchone()
        return None if row is None else str(row[0])

    def begin(self, name: str) -> None:
        """Write down the name of a new witness."""
        with self.transaction() as connection:
            connection.execute("INSERT INTO witness (name) VALUES (?)", (name,))

    def heads(self) -> dict[str, Head]:
        """Return the last cosigned head of each log, by origin."""
        with self.transaction() as connection:
            rows = connection.execute("SELECT origin, size, root, at FROM head").fetchall()
        return {origin: _head((size, root, at)) for origin, size, root, at in rows}

    def contradictions(self) -> list[tuple[str, datetime, str, bytes]]:
        """Return origin, time, reason and signed note of each contradiction, the oldest first."""
        query = "SELECT origin, at, sentence, note FROM contradiction ORDER BY at, origin"
        with self.transaction() as connection:
            rows = connection.execute(query).fetchall()
        return [(origin, _instant(at), sentence, note) for origin, at, sentence, note in rows]


def answer_submission(book: WitnessBook, witness: Witness, body: bytes, now: datetime) -> Answer:
    """Return the answer to an add-checkpoint request; what it promises is on disk by then.

    Raises:
        StoreUnavailable: The book cannot be written; nothing was cosigned.
    """
    admitted = admit(body, witness.logs)
    if isinstance(admitted, Refusal):
        return _refused(admitted)
    with book.transaction() as connection:
        head = _read_head(connection, admitted.checkpoint.origin)
        refusal = decide(admitted, head)
        if refusal is not None:
            _keep_contradiction(connection, admitted, refusal, now)
            return _refused(refusal)
        after, line = cosign_after(admitted, head, witness, now)
        _write_head(connection, admitted, after)
        reached("witness.before_persist")
    reached("witness.after_persist_before_answer")
    return Answer(status=HTTPStatus.OK, body=line)


def open_witness(
    folder: Path, name: str | None, logs: dict[str, tuple[VerifierKey, ...]]
) -> tuple[Witness, WitnessBook]:
    """Return the witness that lives in a folder, made at the first call, and its book.

    A key whose book is gone is not used again: the witness would cosign what it has forgotten
    to contradict.

    Args:
        folder: Its own; made if missing.
        name: Of the witness; None: the one it has.
        logs: Trusted keys by origin.

    Raises:
        ConfigurationError: The name differs or is none, or key and book do not belong together.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_path, book_path = folder / KEY, folder / BOOK
    if key_path.exists() and not book_path.exists():
        message = f"{book_path} is gone. A witness that forgot needs a new folder, key and name."
        raise ConfigurationError(message)
    if name is not None and not is_key_name(name):
        message = f"A witness's name has neither blanks nor `+`, unlike {name!r}."
        raise ConfigurationError(message)
    if name is None and not book_path.exists():
        message = "A new witness needs a name: --name, for example witness.example.org/w1."
        raise ConfigurationError(message)
    book = WitnessBook(book_path)
    known = _settled_name(book, name)
    if not key_path.exists():
        if book.heads():
            message = f"{key_path} is gone. Make a new witness in a new folder, with a new name."
            raise ConfigurationError(message)
        save_key(key_path, new_key())
    return Witness(name=known, pair=load_key(key_path), logs=logs), book


def _settled_name(book: WitnessBook, name: str | None) -> str:
    known = book.name()
    if known is None and name is not None:
        book.begin(name)
        return name
    if known is None or name not in {None, known}:
        message = f"This witness is named {known}; a key never changes its name."
        raise ConfigurationError(message)
    return known


def _read_head(connection: sqlite3.Connection, origin: str) -> Head:
    query = "SELECT size, root, at FROM head WHERE origin = ?"
    row = connection.execute(query, (origin,)).fetchone()
    return Head() if row is None else _head(row)


def _write_head(connection: sqlite3.Connection, submission: Submission, head: Head) -> None:
    connection.execute(
        "INSERT INTO head (origin, size, root, at, note) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (origin) DO UPDATE SET "
        "size = excluded.size, root = excluded.root, at = excluded.at, note = excluded.note",
        (
            submission.checkpoint.origin,
            head.size,
            head.root,
            int(head.at.timestamp()),
            submission.note.to_bytes(),
        ),
    )


def _keep_contradiction(
    connection: sqlite3.Connection, submission: Submission, refusal: Refusal, now: datetime
) -> None:
    if not refusal.contradicts:
        return
    origin = submission.checkpoint.origin
    connection.execute(
        "INSERT OR IGNORE INTO contradiction (origin, at, sentence, note) "
        "SELECT ?, ?, ?, ? WHERE (SELECT count(*) FROM contradiction WHERE origin = ?) < ?",
        (
            origin,
            int(now.timestamp()),
            refusal.sentence,
            submission.note.to_bytes(),
            origin,
            MAX_CONTRADICTIONS,
        ),
    )


def _refused(refusal: Refusal) -> Answer:
    if refusal.size is not None:
        return Answer(status=refusal.status, body=f"{refusal.size}\n", media_type=SIZE_TYPE)
    return Answer(status=refusal.status, body=f"{refusal.sentence}\n")


def _head(row: tuple[int, bytes, int]) -> Head:
    size, root, at = row
    return Head(size=size, root=root, at=_instant(at))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(str(error), transient=True) from error
