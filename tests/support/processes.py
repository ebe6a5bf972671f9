"""Child processes in tests: see them, wait for a line of theirs, kill them all."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


def descendants(pid: int) -> list[int]:
    """Return the ids of a process's children, their children, and so on (Linux)."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def kill_tree(pid: int) -> list[int]:
    """Kill -9 a process and all below it at once, as a power cut would; return their ids."""
    doomed = [pid, *descendants(pid)]
    for one in doomed:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    return doomed


def wait_until(condition: Callable[[], bool], *, wait_s: float = 10.0) -> bool:
    """Wait for a condition of the outside world; False when it did not come true in time."""
    deadline = time.monotonic() + wait_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Command:
    """A running program whose output can be waited for line by line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self.process.pid

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Kill whatever is left of it and close its output."""
        kill_tree(self.process.pid)
        self.process.wait()
        self._reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def wait_for(self, text: str, *, wait_s: float = 20.0) -> str:
        """Return the first line with `text` in it, waiting for it.

        Raises:
            AssertionError: It did not come in time, or the program ended without it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._find(text) is not None, wait_s)
            line = self._find(text)
        assert line is not None, f"no line with {text!r} in:\n" + "\n".join(self.lines)
        return line

    def _find(self, text: str) -> str | None:
        return next((line for line in self.lines if text in line), None)

    def interrupt(self, *, wait_s: float = 20.0) -> int:
        """Send SIGTERM, wait, and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(wait_s)


@contextmanager
def unbroken(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    python: str = sys.executable,
) -> Iterator[Command]:
    """Run `python -m unbroken …`; whatever is left of it at the end is killed.

    Args:
        arguments: Of the command line.
        env: Added to the environment.
        cwd: Where it runs.
        user: Number of the user to run it as; None: ourselves.
        python: The interpreter.
    """
    process = subprocess.Popen(
        [python, "-m", "unbroken", *arguments],
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(env or {})},
    )
    command = Command(process)
    try:
        yield command
    finally:
        command.close()
