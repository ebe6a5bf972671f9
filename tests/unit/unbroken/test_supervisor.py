import json
import os
import pwd
import signal
import site
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.support.ports_taken import taken_port
from tests.support.postgres import scratch_dir
from tests.support.processes import ROOT, Command, descendants, is_alive, unbroken, wait_until
from unbroken.data_dir import find_running

pytestmark = [pytest.mark.pg, pytest.mark.e2e]


def _env(data_dir: Path) -> dict[str, str]:
    return {
        "UNBROKEN_DATA_DIR": str(data_dir),
        "UNBROKEN_HTTP_PORT": "0",
        "UNBROKEN_MQTT_PORT": "0",
    }


def _address(command: Command) -> str:
    return command.wait_for("Unbroken is at", wait_s=60.0).split()[3]


def _health(address: str) -> object:
    with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:  # noqa: S310
        return json.load(answer)["status"]


def test_it_ends_cleanly_and_comes_back_in_a_folder_of_any_name() -> None:
    with scratch_dir() as directory:
        folder = directory / "kühl kette 冷"
        folder.mkdir(mode=0o711)
        for _ in range(2):
            with unbroken("up", env=_env(folder / "data"), cwd=folder) as command:
                assert _health(_address(command)) == "ok"
                all_of_it = [command.pid, *descendants(command.pid)]
                assert len(all_of_it) > 4

                assert command.interrupt() == 0

                assert wait_until(lambda: not any(map(is_alive, all_of_it)))  # noqa: B023
                assert find_running(folder / "data") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_run_it() -> None:
    nobody = pwd.getpwnam("nobody")
    python = "/usr/bin/python3"  # ours may lie under root's home
    if not Path(f"{python}.{sys.version_info.minor}").exists():
        pytest.skip("Install the system's Python of the same version.")
    with scratch_dir() as directory:
        home = directory / "home"
        home.mkdir(mode=0o700)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        packages = {"PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()])}
        env = _env(home / "data") | packages | {"PYTHONDONTWRITEBYTECODE": "1"}
        with unbroken("up", env=env, cwd=home, user=nobody.pw_uid, python=python) as command:
            assert _health(_address(command)) == "ok"
            owners = {Path(f"/proc/{pid}").stat().st_uid for pid in descendants(command.pid)}
            assert owners == {nobody.pw_uid}
            assert command.interrupt() == 0


def test_nothing_outlives_a_killed_supervisor() -> None:
    with scratch_dir() as directory, unbroken("up", env=_env(directory / "data")) as command:
        _address(command)
        below = descendants(command.pid)

        os.kill(command.pid, signal.SIGKILL)

        assert wait_until(lambda: not any(map(is_alive, below)))


def test_what_dies_is_started_again() -> None:
    with scratch_dir() as directory, unbroken("up", env=_env(directory / "data")) as command:
        address = _address(command)
        for child in descendants(command.pid):
            os.kill(child, signal.SIGKILL)

        command.wait_for("API ended with code -9. Starting it again")

        assert wait_until(lambda: _answers(address), wait_s=90)
        assert command.interrupt() == 0


def _answers(address: str) -> bool:
    try:
        return _health(address) == "ok"
    except OSError:
        return False


def test_a_second_one_on_the_same_data_is_refused_in_a_sentence() -> None:
    with scratch_dir() as directory, unbroken("up", env=_env(directory / "data")) as first:
        address = _address(first)
        with unbroken("up", env=_env(directory / "data")) as second:
            said = second.wait_for("is in use")
            assert second.process.wait(10) == 2
        assert str(first.pid) in said
        assert address in said
        assert _health(address) == "ok"


def test_taken_ports_are_said_and_others_taken() -> None:
    with scratch_dir() as directory, taken_port() as http, taken_port() as mqtt:
        ports = {"UNBROKEN_HTTP_PORT": str(http), "UNBROKEN_MQTT_PORT": str(mqtt)}
        with unbroken("up", env=_env(directory / "data") | ports) as command:
            command.wait_for(f"Port {http} is taken; the dashboard is on ")
            command.wait_for(f"Port {mqtt} is taken; the MQTT broker listens on ")
            assert _health(_address(command)) == "ok"
