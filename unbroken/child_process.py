"""Child processes that cannot outlive us, in a process group of their own."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


def tied_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` that makes the kernel signal the child when its parent dies.

    The kernel watches the forking *thread*: start children from a thread that lives as long as
    they should. None where the system has no such thing (only Linux has).
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        # The parent may have died between fork and prctl; then no signal would ever come.
        if os.getppid() != parent:
            os._exit(1)

    return tie


def spawn(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    user: int | None = None,
    group: int | None = None,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a child in its own session, tied to the calling thread's life.

    Its own session keeps a terminal's Ctrl-C from reaching it directly, so that whoever started
    it decides the order of the end. `user` and `group` (numbers) drop privileges, without any of
    our supplementary groups.

    Raises:
        OSError: The program cannot be executed.
    """
    return subprocess.Popen(
        [os.fspath(part) for part in command],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        env=dict(env) if env is not None else None,
        user=user,
        group=group,
        extra_groups=[] if user is not None else None,
        start_new_session=True,
        preexec_fn=tied_to_parent(death_signal),  # noqa: PLW1509 - it calls one C function
    )


def end(
    process: "subprocess.Popen[bytes]",
    *,
    politely: signal.Signals = signal.SIGTERM,
    wait_s: float = 10.0,
) -> int:
    """Ask the child to end, insist after `wait_s` seconds, and return its exit code."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            process.send_signal(politely)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
