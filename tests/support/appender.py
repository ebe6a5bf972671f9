"""A process that appends signed statements, to be killed: `python -m tests.support.appender`.

Takes the database's URL and a file of envelopes, one JSON a line; says where each is recorded.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from custody.envelope import Envelope, EnvelopeView, envelope_of
from custody.gathering import take
from custody.kill_points import LEDGER_KILL_POINTS
from custody.reading import Recorded
from schemas.kill_at import reached
from store.database import Engine, open_engine, transaction
from tests.support.custody_case import NOW
from tests.support.processes import ROOT

KILL_POINTS = (*LEDGER_KILL_POINTS, "appender.before_commit", "appender.after_commit_before_answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a process said before it ended, and how it ended."""

    answers: list[tuple[int, str]]
    exit_code: int

    @property
    def killed(self) -> bool:
        """Whether it was killed, by itself at a kill point."""
        return self.exit_code == -signal.SIGKILL


class Appender:
    """One appending process at a time, started as often as asked."""

    def __init__(self, engine: Engine, directory: Path) -> None:
        self._url = engine.url.render_as_string(hide_password=False)
        self._file = directory / "envelopes.jsonl"

    def run(self, envelopes: Iterable[Envelope], *, kill_at: str | None = None) -> Run:
        """Append in a process of its own, which kills itself where it first reaches a point."""
        return self.wait(self.start(envelopes, kill_at=kill_at))

    def start(
        self, envelopes: Iterable[Envelope], *, kill_at: str | None = None
    ) -> "subprocess.Popen[str]":
        """Start to append."""
        lines = [json.dumps(envelope.to_json()) for envelope in envelopes]
        self._file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.appender", self._url, str(self._file)],
            cwd=ROOT,
            env={**os.environ, "UNBROKEN_KILL_AT": kill_at or ""},
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait(self, process: "subprocess.Popen[str]") -> Run:
        """Return what a process said, once it has ended."""
        output, _ = process.communicate(timeout=60)
        answers = [line.split() for line in output.splitlines()]
        return Run(
            answers=[(int(index), entry_hash) for index, entry_hash in answers],
            exit_code=process.returncode,
        )


def main(url: str, file: str) -> None:
    """Append each envelope in a transaction of its own, and say where it is recorded."""
    engine = open_engine(url)
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        envelope = envelope_of(EnvelopeView.model_validate_json(line))
        with transaction(engine) as session:
            recorded = take(session, envelope, NOW)
            reached("appender.before_commit")
        reached("appender.after_commit_before_answer")
        assert isinstance(recorded, Recorded)
        sys.stdout.write(f"{recorded.index} {recorded.entry_hash.hex()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
