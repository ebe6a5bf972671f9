"""Keeps parts alive: starts them in order, restarts those that die, ends them in reverse."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schemas.errors import ColdChainError
from unbroken.child_process import end, spawn

_LOOK_EVERY_S = 0.2
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_STEADY_AFTER_S = 60.0
_PACKAGES = Path(__file__).parents[1]

Say = Callable[[str], None]


class Part(Protocol):
    """Something that runs, may die, and can be started again in the same place."""

    @property
    def running(self) -> bool:
        """Whether it is alive."""

    def start(self) -> None:
        """Start it, or start it again."""

    def stop(self) -> None:
        """End it; harmless when it has ended."""


class OwnProcess:
    """One of our commands as a child process, its output in a log file.

    Attributes:
        log: The file; that of the run before lies beside it, ending in `.1`.
        exit_code: Of the run that ended last; None before.
    """

    def __init__(self, arguments: list[str], *, log: Path, env: Mapping[str, str]) -> None:
        self.log = log
        self.exit_code: int | None = None
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        paths = filter(None, (str(_PACKAGES), os.environ.get("PYTHONPATH")))
        self._env = {**os.environ, **env, "PYTHONPATH": os.pathsep.join(paths)}

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        if self._process is None:
            return False
        self.exit_code = self._process.poll()
        return self.exit_code is None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self.running and self._process else None

    def start(self) -> None:
        """Start it; whether it then works shows later."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        # -P: a folder named like one of our packages in the current directory must not be run.
        command = [sys.executable, "-P", "-m", "unbroken", *self._arguments]
        with self.log.open("wb") as output:
            self._process = spawn(command, env=self._env, stdout=output, stderr=subprocess.STDOUT)

    def stop(self) -> None:
        """End it, at last by force."""
        if self._process is not None:
            self.exit_code = end(self._process, politely=signal.SIGTERM, wait_s=10.0)
            self._process = None


@dataclass(slots=True, kw_only=True)
class _Kept:
    name: str
    part: Part
    may_end: bool
    carries: bool
    pause_s: float = _FIRST_PAUSE_S
    started_at: float = 0.0
    retry_at: float | None = None
    ended: bool = False


class Keeper:
    """The parts of one running system. Use it from one thread: children die with their starter."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._kept: list[_Kept] = []

    def start(self, name: str, part: Part, *, may_end: bool = False, carries: bool = False) -> None:
        """Start a part and keep it from now on.

        Args:
            name: For people.
            part: What to start.
            may_end: It may end well by itself.
            carries: What is started after it cannot run without it, and is not started again
                while it is down: it would die again, and wait longer and longer between tries.

        Raises:
            ColdChainError: It does not start the first time.
        """
        kept = _Kept(name=name, part=part, may_end=may_end, carries=carries)
        self._kept.append(kept)
        part.start()
        kept.started_at = time.monotonic()

    def watch(self, stop: threading.Event) -> None:
        """Restart what dies until `stop` is set."""
        while not stop.wait(_LOOK_EVERY_S):
            carried = True
            for kept in self._kept:
                self._look_at(kept, time.monotonic(), carried=carried)
                carried = carried and (not kept.carries or kept.part.running)

    def stop(self) -> None:
        """End all parts, the last started first."""
        while self._kept:
            self._kept.pop().part.stop()

    def _look_at(self, kept: _Kept, now: float, *, carried: bool) -> None:
        if kept.ended:
            return
        if kept.part.running:
            if kept.pause_s > _FIRST_PAUSE_S and now - kept.started_at > _STEADY_AFTER_S:
                kept.pause_s = _FIRST_PAUSE_S
                self._say(f"{kept.name} is steady again.")
        elif kept.retry_at is None:
            self._note_the_end(kept, now)
        elif carried and now >= kept.retry_at:
            self._restart(kept, now)

    def _note_the_end(self, kept: _Kept, now: float) -> None:
        code = kept.part.exit_code if isinstance(kept.part, OwnProcess) else None
        if kept.may_end and code == 0:
            kept.ended = True
            return
        if kept.pause_s == _FIRST_PAUSE_S:  # said once, not at every try
            where = f"; see {kept.part.log}.1" if isinstance(kept.part, OwnProcess) else ""
            how = "" if code is None else f" with code {code}"
            self._say(f"{kept.name} ended{how}. Starting it again{where}")
        kept.retry_at = now + kept.pause_s
        kept.pause_s = min(2 * kept.pause_s, _LONGEST_PAUSE_S)

    def _restart(self, kept: _Kept, now: float) -> None:
        kept.retry_at = None
        kept.started_at = now
        try:
            kept.part.start()
        except (ColdChainError, OSError):
            kept.retry_at = now + kept.pause_s
            kept.pause_s = min(2 * kept.pause_s, _LONGEST_PAUSE_S)
            return
        if kept.carries:
            self._forgive_those_after(kept)

    def _forgive_those_after(self, carrier: _Kept) -> None:
        """Let what died without its carrier start at once, as if it had died now."""
        for kept in self._kept[self._kept.index(carrier) + 1 :]:
            kept.pause_s = _FIRST_PAUSE_S
            if kept.retry_at is not None:
                kept.retry_at = 0.0
