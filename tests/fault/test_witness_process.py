"""A witness as its own process: kill -9 never lets it cosign a smaller log after a larger one."""

import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import pytest

from custody.cosignature import check_cosignatures
from custody.note import VerifierKey, parse_note, parse_vkey
from custody.witness_book import BOOK, KEY, KILL_POINTS, WitnessBook
from custody.witness_client import (
    WitnessAddress,
    WitnessAnswer,
    WitnessOutcome,
    submit_checkpoint,
)
from tests.support.processes import Command, unbroken
from tests.support.witnessed_log import WitnessedLog

pytestmark = pytest.mark.fault

NAME = "witness.example/w1"
LOG = WitnessedLog()
BEFORE, AFTER = KILL_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running witness: where it is, its key, and its process."""

    url: str
    key: VerifierKey
    command: Command
    client: httpx.Client

    def submit(self, log: WitnessedLog, size: int) -> WitnessAnswer:
        """Submit a checkpoint, knowing nothing of what the witness has seen."""
        return submit_checkpoint(
            self.client,
            WitnessAddress(url=self.url, key=self.key),
            log.note(size),
            old_size=0,
            proof_from=lambda old: log.proof(old, size),
        )

    def kill(self) -> None:
        """Kill -9."""
        self.command.process.kill()
        self.command.process.wait()


@contextmanager
def witness(folder: Path, *, kill_at: str | None = None) -> Iterator[Running]:
    env = {} if kill_at is None else {"UNBROKEN_KILL_AT": kill_at}
    arguments = ["--name", NAME, "--data", str(folder), "--log", LOG.key.to_text(), "--port", "0"]
    with unbroken("witness", *arguments, env=env) as command, httpx.Client() as client:
        url = command.wait_for("Listening on ").removeprefix("Listening on ")
        yield Running(url=url, key=parse_vkey(command.lines[0]), command=command, client=client)


def size_on_disk(folder: Path) -> int:
    """Return the size of the head in the book."""
    book = WitnessBook(folder / BOOK)
    try:
        head = book.heads().get(LOG.origin)
        return head.size if head else 0
    finally:
        book.close()


def test_the_first_start_makes_a_key_that_later_starts_keep(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    with witness(folder) as running:
        first = running.key
        assert running.submit(LOG, 3).outcome is WitnessOutcome.COSIGNED
    with witness(folder) as running:
        assert running.key == first
    with unbroken("witness", "vkey", "--data", str(folder)) as command:
        assert command.wait_for(NAME) == first.to_text()


@pytest.mark.parametrize(("point", "kept"), [(BEFORE, 3), (AFTER, 8)])
def test_a_kill_at_each_named_point_forgets_nothing_that_was_promised(
    tmp_path: Path, point: str, kept: int
) -> None:
    with witness(tmp_path) as running:
        assert running.submit(LOG, 3).outcome is WitnessOutcome.COSIGNED
    with witness(tmp_path, kill_at=point) as running:
        assert running.submit(LOG, 8).outcome is WitnessOutcome.UNREACHABLE
        assert running.command.process.wait(20) == -signal.SIGKILL
    assert size_on_disk(tmp_path) == kept

    with witness(tmp_path) as running:
        smaller = running.submit(LOG, 5).outcome
        assert smaller is (WitnessOutcome.COSIGNED if kept == 3 else WitnessOutcome.AHEAD)
        assert running.submit(LOG.forked(2), 8).outcome is WitnessOutcome.CONTRADICTED
        assert running.submit(LOG, 8).outcome is WitnessOutcome.COSIGNED
        assert running.submit(LOG, 7).outcome is WitnessOutcome.AHEAD


def test_kills_at_random_moments_never_roll_the_log_back(tmp_path: Path) -> None:
    random = Random(3)  # noqa: S311 - the same each time
    largest = 0
    for _ in range(4):
        with witness(tmp_path) as running, ThreadPoolExecutor(4) as pool:
            sizes = [random.randrange(1, largest + 30) for _ in range(24)]
            answers = [pool.submit(running.submit, LOG, size) for size in sizes]
            answers[random.randrange(len(answers))].result()
            running.kill()
            for size, answer in zip(sizes, answers, strict=True):
                outcome = answer.result().outcome
                assert outcome is not WitnessOutcome.CONTRADICTED
                # What was cosigned before this process started is never gone below.
                assert outcome is not WitnessOutcome.COSIGNED or size >= largest
            done = [s for s, a in zip(sizes, answers, strict=True) if a.result().lines]
        on_disk = size_on_disk(tmp_path)
        assert on_disk >= max([largest, *done])
        largest = on_disk
    assert largest > 0


def test_two_processes_on_one_folder_are_one_witness(tmp_path: Path) -> None:
    with ExitStack() as stack:
        both = [stack.enter_context(witness(tmp_path)) for _ in range(2)]
        pool = stack.enter_context(ThreadPoolExecutor(4))
        sizes = list(range(1, 17))
        list(pool.map(lambda size: both[size % 2].submit(LOG, size), sizes))
        for running in both:
            assert running.submit(LOG, 16).outcome is WitnessOutcome.COSIGNED
            assert running.submit(LOG, 9).outcome is WitnessOutcome.AHEAD


def test_a_log_restored_from_an_old_backup_and_grown_otherwise_is_never_cosigned(
    tmp_path: Path,
) -> None:
    restored = LOG.forked(6)  # the backup held 6 entries, and others came after them
    with witness(tmp_path) as running:
        assert running.submit(LOG, 10).outcome is WitnessOutcome.COSIGNED
        assert running.submit(LOG, 6).outcome is WitnessOutcome.AHEAD
        for size in (7, 8, 9):
            assert running.submit(restored, size).outcome is WitnessOutcome.AHEAD
        for size in (10, 11, 16, 17):
            assert running.submit(restored, size).outcome is WitnessOutcome.CONTRADICTED
        page = running.client.get(running.url).text
        assert f"{LOG.origin}: size 10" in page
        assert "Contradictions kept: 4" in page
    book = WitnessBook(tmp_path / BOOK)
    assert {note for *_, note in book.contradictions()} == {
        restored.note(size) for size in (10, 11, 16, 17)
    }
    book.close()


def test_a_cosignature_that_left_is_checked_by_its_key_alone(tmp_path: Path) -> None:
    with witness(tmp_path) as running:
        answer = running.submit(LOG, 4)
        note = parse_note(LOG.note(4) + answer.lines[0].encode())
        assert [each.name for each in check_cosignatures(note, [running.key])] == [NAME]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / KEY).chmod(0o644), "chmod 600"),
        (lambda folder: (folder / BOOK).unlink(), "A witness that forgot"),
    ],
)
def test_an_unsafe_witness_does_not_start(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    with witness(tmp_path):
        pass
    spoil(tmp_path)
    with unbroken("witness", "--data", str(tmp_path), "--log", LOG.key.to_text()) as command:
        command.wait_for(sentence)
        assert command.process.wait(20) == 2
        assert not re.search("Traceback", "\n".join(command.lines))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "--log"),
        (("--log", "nonsense"), "not the key of a log"),
        (("--log", LOG.key.to_text()), "--name"),
        (("--log", LOG.key.to_text(), "--name", "w", "--host", "256.0.0.1"), "Cannot listen"),
        (("vkey",), "There is no witness"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    with unbroken("witness", *arguments, cwd=tmp_path) as command:
        command.wait_for(sentence)
        assert command.process.wait(20) == 2
        assert not re.search("Traceback", "\n".join(command.lines))
