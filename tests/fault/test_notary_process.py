"""The notary as operators meet it: its commands, its witnesses, and what it says when it cannot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from custody.log_policy import read_policy
from custody.note import parse_vkey
from custody.witnessing import witnessed
from store.checkpoints import find_last_checkpoint
from store.database import Engine, transaction
from tests.support.bare_log import add_entries
from tests.support.notary_process import NotaryProcess, notary_process
from tests.support.processes import Command, unbroken, wait_until

pytestmark = pytest.mark.fault


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "notary"


@pytest.fixture
def env(engine: Engine, place: Path) -> dict[str, str]:
    return {
        "UNBROKEN_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "UNBROKEN_LOG_DIR": str(place),
    }


@pytest.fixture
def notary(engine: Engine, place: Path) -> Iterator[NotaryProcess]:
    with notary_process(engine, place) as process:
        yield process


def signed_size(engine: Engine) -> int:
    with transaction(engine) as session:
        last = find_last_checkpoint(session)
    return last.size if last else 0


def ended(command: Command) -> tuple[int, str]:
    code = command.process.wait(30)
    assert wait_until(lambda: bool(command.lines))
    return code, "\n".join(command.lines)


def test_a_witness_set_up_by_hand_cosigns_what_the_notary_signs(
    engine: Engine, notary: NotaryProcess, env: dict[str, str], tmp_path: Path
) -> None:
    add_entries(engine, 3)
    notary.start()
    assert wait_until(lambda: signed_size(engine) == 3, wait_s=30)
    with unbroken("log", "vkey", env=env) as printed:
        code, vkey = ended(printed)
    assert code == 0
    with transaction(engine) as session:
        last = find_last_checkpoint(session)
    assert last is not None
    assert last.vkey == parse_vkey(vkey).to_text()
    arguments = ["--name", "w.example/1", "--data", str(tmp_path / "w"), "--log", vkey]
    with unbroken("witness", *arguments, "--port", "0") as witness:
        url = witness.wait_for("Listening on").split()[-1]
        policy = tmp_path / "policy"
        policy.write_text(f"witness clinic {witness.lines[0]} {url}\nquorum clinic\n")
        notary.stop()
        with notary_process(engine, notary.directory, UNBROKEN_WITNESS_POLICY=str(policy)) as again:
            again.start()
            add_entries(engine, 4)

            def size() -> int:
                with transaction(engine) as session:
                    return witnessed(session, read_policy(policy)).size

            assert wait_until(lambda: size() == 7, wait_s=30)


def test_a_second_notary_of_one_log_ends_with_a_sentence(
    engine: Engine, notary: NotaryProcess, env: dict[str, str]
) -> None:
    add_entries(engine, 1)
    notary.start()
    assert wait_until(lambda: signed_size(engine) == 1, wait_s=30)
    with unbroken("notary", env=env) as second:
        code, said = ended(second)
    assert code == 2
    assert "only one may sign" in said
    assert "Traceback" not in said


def test_a_policy_that_is_not_there_ends_the_start_with_a_sentence(
    env: dict[str, str], tmp_path: Path
) -> None:
    missing = {"UNBROKEN_WITNESS_POLICY": str(tmp_path / "none")}
    with unbroken("notary", env=env | missing) as command:
        code, said = ended(command)
    assert code == 2
    assert "cannot be read" in said
    assert "Traceback" not in said


def test_the_key_of_a_log_that_was_never_signed_is_not_made_by_asking(env: dict[str, str]) -> None:
    with unbroken("log", "vkey", env=env) as command:
        code, said = ended(command)
    assert code == 2
    assert "cannot be read" in said


def test_a_notary_told_to_stop_ends_well(engine: Engine, notary: NotaryProcess) -> None:
    add_entries(engine, 1)
    notary.start()
    assert wait_until(lambda: signed_size(engine) == 1, wait_s=30)
    assert notary.process is not None
    notary.process.terminate()
    assert notary.wait() == 0
