"""`unbroken verify` as somebody runs it who has nothing but the file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.signed_case import SignedLog
from tests.support.signed_walk import signed_log

ALONE = {"PYTHONPATH": str(ROOT), "PATH": "/nowhere", "UNBROKEN_DATA_DIR": "/nowhere/at/all"}
"""No home, no settings, no data directory."""


@pytest.fixture(scope="module")
def log() -> SignedLog:
    return signed_log(4, orders=1, length=8)


@pytest.fixture
def folder(log: SignedLog, tmp_path: Path) -> Path:
    (tmp_path / "bundle.zip").write_bytes(log.bundle("A-0"))
    (tmp_path / "receipt.zip").write_bytes(log.receipt(3))
    (tmp_path / "bad.zip").write_bytes(log.bundle("A-0")[:-1])
    (tmp_path / "policy.txt").write_bytes(log.policy.to_bytes())
    (tmp_path / "no-policy.txt").write_text("trust me\n")
    return tmp_path


def verify(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "unbroken", "verify", *arguments],
        cwd=folder,
        env=ALONE,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_needs_nothing_but_the_file_and_says_what_is_proven(
    folder: Path, log: SignedLog
) -> None:
    done = verify(folder, "bundle.zip", "--policy", "policy.txt")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == " 1. File: nothing wrong."
    assert lines[-1].startswith("Proven: All 8 entries of order A-0")
    assert log.origin in lines[-1]
    assert "Not proven: that what was said is true;" in lines[-1]
    assert sorted(each.name for each in folder.iterdir()) == sorted(
        ["bundle.zip", "receipt.zip", "bad.zip", "policy.txt", "no-policy.txt"]
    )


def test_a_fault_is_named_and_the_exit_code_is_1(folder: Path) -> None:
    done = verify(folder, "bad.zip")
    assert (done.returncode, done.stderr) == (1, "")
    assert "fault, file_damaged" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Nothing is proven")


def test_json_is_one_object(folder: Path, log: SignedLog) -> None:
    done = verify(folder, "receipt.zip", "--json", "--log", log.log_key.to_text())
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["form"]) == (0, True, "receipt")
    codes = [one["code"] for step in found["steps"] for one in step["findings"]]
    assert "log_not_pinned" not in codes
    assert "witnesses_not_pinned" in codes


def test_another_log_than_the_one_meant_is_a_fault(folder: Path) -> None:
    done = verify(folder, "bundle.zip", "--log", SignedLog(99).log_key.to_text())
    assert done.returncode == 1
    assert "fault, other_log_key" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-file.zip",),
        (".",),
        ("bundle.zip", "--policy", "no-policy.txt"),
        ("bundle.zip", "--policy", "no-such-file.txt"),
        ("bundle.zip", "--log", "nonsense"),
        ("bundle.zip", "--no-such-option"),
        (),
    ],
    ids=str,
)
def test_what_cannot_be_tried_is_a_sentence_and_exit_code_2(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    done = verify(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_the_verifier_knows_no_database_and_no_web_framework() -> None:
    program = (
        "import custody.verify, unbroken.verify_words, sys; "
        "print({'sqlalchemy', 'psycopg', 'fastapi', 'starlette', 'httpx', 'store', 'api'} "
        "& {name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"
