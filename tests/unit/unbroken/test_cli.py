import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgres import PgServer
from tests.support.processes import ROOT


def _unbroken(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "unbroken", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )


def test_a_wrong_setting_is_one_sentence_and_exit_code_two() -> None:
    done = _unbroken("doctor", UNBROKEN_HTTP_PORT="many")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("UNBROKEN_HTTP_PORT='many': ")
    assert done.stderr.count("\n") == 1


def test_services_without_a_database_say_what_to_set(tmp_path: Path) -> None:
    done = _unbroken("api", UNBROKEN_DATA_DIR=str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert "UNBROKEN_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.pg
def test_json_is_one_object_and_nothing_else(
    pg_server: PgServer, template: str, tmp_path: Path
) -> None:
    env = {
        "UNBROKEN_DATABASE_URL": pg_server.url_of(template),
        "UNBROKEN_DATA_DIR": str(tmp_path / "data"),
    }
    for command in ("audit", "doctor"):
        done = _unbroken(command, "--json", **env)
        assert isinstance(json.loads(done.stdout), dict), done.stderr
        assert done.stderr == ""


@pytest.mark.pg
def test_the_doctor_names_a_database_that_can_lose_what_it_stored(
    pg_server: PgServer, template: str, tmp_path: Path
) -> None:
    done = _unbroken(
        "doctor",
        "--json",
        UNBROKEN_DATABASE_URL=pg_server.url_of(template),
        UNBROKEN_DATA_DIR=str(tmp_path / "data"),
    )

    levels = {one["id"]: one["level"] for one in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert levels["durability"] == "error"  # the tests' own server runs without fsync
    assert levels["migrations"] == "ok"
    assert levels["database-role"] == "warning"
    assert levels["ledger-owner"] == "warning"


def test_a_misspelt_setting_is_named(tmp_path: Path) -> None:
    done = _unbroken(
        "doctor", "--json", UNBROKEN_DATA_DIR=str(tmp_path / "data"), UNBROKEN_HTPP_PORT="1"
    )

    findings = {one["id"]: one for one in json.loads(done.stdout)["findings"]}
    assert findings["settings"]["level"] == "warning"
    assert "UNBROKEN_HTPP_PORT" in findings["settings"]["sentence"]


@pytest.mark.parametrize("option", ["--connections", "--mqtt-protocol"])
def test_simulate_tells_of_its_options(option: str) -> None:
    done = _unbroken("simulate", "--help", COLUMNS="200", NO_COLOR="1")

    assert done.returncode == 0
    assert option in done.stdout
