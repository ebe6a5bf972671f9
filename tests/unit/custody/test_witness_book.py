"""A witness's memory: what it cosigned binds it, across threads, restarts and lost files."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from custody.cosignature import check_cosignatures
from custody.merkle import root_of
from custody.note import parse_note
from custody.witness import Witness, trusted_logs
from custody.witness_book import (
    BOOK,
    KEY,
    MAX_CONTRADICTIONS,
    SIZE_TYPE,
    WitnessBook,
    answer_submission,
    open_witness,
)
from schemas.errors import ConfigurationError, StoreUnavailable
from tests.strategies_notes import NOW, WITNESS_KEY, WITNESS_PAIR
from tests.support.witnessed_log import WitnessedLog

LOG = WitnessedLog()
LOGS = trusted_logs([LOG.key.to_text()])
WITNESS = Witness(name=WITNESS_KEY.name, pair=WITNESS_PAIR, logs=LOGS)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[WitnessBook]:
    opened = WitnessBook(tmp_path / BOOK)
    yield opened
    opened.close()


def cosigned_at(log: WitnessedLog, size: int, line: str) -> datetime:
    (found,) = check_cosignatures(parse_note(log.note(size) + line.encode()), [WITNESS.key])
    return found.at


def test_a_cosignature_checks_and_binds(book: WitnessBook) -> None:
    answer = answer_submission(book, WITNESS, LOG.request(0, 5), NOW)

    assert answer.status == 200
    assert cosigned_at(LOG, 5, answer.body) == NOW
    assert book.heads()[LOG.origin].size == 5
    again = answer_submission(book, WITNESS, LOG.request(0, 4), NOW)
    assert (again.status, again.body, again.media_type) == (409, "5\n", SIZE_TYPE)


def test_two_logs_do_not_touch_each_other(book: WitnessBook) -> None:
    other = WitnessedLog(origin="unbroken/other")
    both = trusted_logs([LOG.key.to_text(), other.key.to_text()])
    witness = Witness(name=WITNESS.name, pair=WITNESS.pair, logs=both)

    assert answer_submission(book, witness, LOG.request(0, 5), NOW).status == 200
    assert answer_submission(book, witness, other.request(0, 3), NOW).status == 200
    assert {origin: head.size for origin, head in book.heads().items()} == {
        LOG.origin: 5,
        other.origin: 3,
    }


def test_contradictions_are_kept_with_the_logs_own_signature(book: WitnessBook) -> None:
    answer_submission(book, WITNESS, LOG.request(0, 5), NOW)
    fork = LOG.forked(2)
    for body in (fork.request(5, 5), fork.request(5, 9), fork.request(5, 9)):
        assert answer_submission(book, WITNESS, body, NOW).status in {409, 422}

    kept = book.contradictions()
    assert [(origin, at) for origin, at, _, _ in kept] == [(LOG.origin, NOW)] * 2
    assert {note for *_, note in kept} == {fork.note(5), fork.note(9)}
    assert book.heads()[LOG.origin].size == 5


def test_contradictions_do_not_fill_the_disk(book: WitnessBook) -> None:
    answer_submission(book, WITNESS, LOG.request(0, 2), NOW)
    for branch in range(MAX_CONTRADICTIONS + 3):
        fork = LOG.forked(0, str(branch))
        assert answer_submission(book, WITNESS, fork.request(2, 2), NOW).status == 409

    assert len(book.contradictions()) == MAX_CONTRADICTIONS


def test_a_stale_or_wrong_request_is_no_contradiction(book: WitnessBook) -> None:
    answer_submission(book, WITNESS, LOG.request(0, 5), NOW)
    for body in (LOG.request(3, 7), LOG.request(0, 2), b"nonsense"):
        answer_submission(book, WITNESS, body, NOW)

    assert book.contradictions() == []


def test_concurrent_requests_never_roll_the_log_back(tmp_path: Path) -> None:
    books = [WitnessBook(tmp_path / BOOK) for _ in range(2)]
    sizes, ticks = range(1, 25), count()

    def submit(size: int) -> list[tuple[datetime, int]]:
        old, book = 0, books[size % 2]
        while True:
            now = NOW + timedelta(seconds=next(ticks))
            answer = answer_submission(book, WITNESS, LOG.request(old, size), now)
            if answer.status == 200:
                return [(cosigned_at(LOG, size, answer.body), size)]
            old = int(answer.body)
            if old > size:
                return []

    with ThreadPoolExecutor(8) as pool:
        cosigned = [each for found in pool.map(submit, sizes) for each in found]
    head = books[0].heads()[LOG.origin]
    for book in books:
        book.close()

    assert head.size == max(sizes)
    by_time = sorted(cosigned)
    assert [size for _, size in by_time] == sorted(size for _, size in by_time)


class WitnessMachine(RuleBasedStateMachine):
    """A log that is honest, forks, is cut and put back, and a witness that is restarted."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / BOOK
        self.book = WitnessBook(self.path)
        self.now = NOW
        self.cosigned: list[tuple[datetime, int, bytes, WitnessedLog]] = []

    @rule(
        size=st.integers(0, 12),
        parted_at=st.none() | st.integers(0, 11),
        told=st.none() | st.integers(0, 12),
        moved_s=st.integers(-3, 3),
    )
    def submit(self, size: int, parted_at: int | None, told: int | None, moved_s: int) -> None:
        """Submit a checkpoint of some branch, from the size the witness told or another one."""
        log = LOG if parted_at is None else LOG.forked(parted_at)
        self.now += timedelta(seconds=moved_s)
        head = self.book.heads().get(LOG.origin)
        old = told if told is not None else head.size if head else 0
        answer = answer_submission(self.book, WITNESS, log.request(old, size), self.now)
        if answer.status == 200:
            at = cosigned_at(log, size, answer.body)
            self.cosigned.append((at, size, root_of(log.leaves(size)), log))

    @rule()
    def restart(self) -> None:
        """End the witness and start it again."""
        self.book.close()
        self.book = WitnessBook(self.path)

    @invariant()
    def all_that_was_cosigned_is_one_growing_log(self) -> None:
        """No cosigned checkpoint contradicts one before it, nor is it smaller or earlier."""
        if not self.cosigned:
            return
        *_, last = self.cosigned[-1]
        for (at, size, root, _), (next_at, next_size, *_) in zip(
            self.cosigned, self.cosigned[1:], strict=False
        ):
            assert size <= next_size
            assert at <= next_at
            assert root == root_of(last.leaves(size))

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.book.close()
        self.folder.cleanup()


TestWitnessMachine = WitnessMachine.TestCase
TestWitnessMachine.settings = settings(max_examples=40, stateful_step_count=20)


def test_a_witness_keeps_name_and_key_across_restarts(tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    first, book = open_witness(folder, "witness.example/w1", LOGS)
    book.close()
    second, book = open_witness(folder, None, LOGS)
    book.close()

    assert first == second
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / KEY).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["other.example/w1", "has blank", "a+b", ""])
def test_a_witness_is_not_renamed(tmp_path: Path, name: str) -> None:
    open_witness(tmp_path, "witness.example/w1", LOGS)[1].close()

    with pytest.raises(ConfigurationError):
        open_witness(tmp_path, name, LOGS)


def test_a_new_witness_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--name"):
        open_witness(tmp_path, None, LOGS)
    assert list(tmp_path.iterdir()) == []


def test_a_witness_that_forgot_does_not_go_on(tmp_path: Path) -> None:
    open_witness(tmp_path, "w", LOGS)[1].close()
    (tmp_path / BOOK).unlink()

    with pytest.raises(ConfigurationError, match="forgot"):
        open_witness(tmp_path, "w", LOGS)


def test_a_witness_that_lost_its_key_does_not_take_another(tmp_path: Path) -> None:
    witness, book = open_witness(tmp_path, "w", LOGS)
    answer_submission(book, witness, LOG.request(0, 3), NOW)
    book.close()
    (tmp_path / KEY).unlink()

    with pytest.raises(ConfigurationError, match="gone"):
        open_witness(tmp_path, "w", LOGS)


def test_a_first_start_that_was_cut_short_is_finished_by_the_next(tmp_path: Path) -> None:
    open_witness(tmp_path, "w", LOGS)[1].close()
    (tmp_path / KEY).unlink()  # as if the power failed between the book and the key

    witness, book = open_witness(tmp_path, "w", LOGS)
    book.close()
    assert witness.name == "w"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    open_witness(tmp_path, "w", LOGS)[1].close()
    (tmp_path / KEY).chmod(mode)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        open_witness(tmp_path, "w", LOGS)


def test_a_file_that_is_no_book_is_refused(tmp_path: Path) -> None:
    (tmp_path / BOOK).write_bytes(b"not a database at all" * 100)

    with pytest.raises(StoreUnavailable):
        WitnessBook(tmp_path / BOOK)


def test_nothing_is_cosigned_when_the_book_cannot_be_written(
    book: WitnessBook, tmp_path: Path
) -> None:
    answer_submission(book, WITNESS, LOG.request(0, 3), NOW)
    with sqlite3.connect(tmp_path / BOOK) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON head BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
    other.close()

    with pytest.raises(StoreUnavailable):
        answer_submission(book, WITNESS, LOG.request(3, 5), NOW)
    assert book.heads()[LOG.origin].size == 3
