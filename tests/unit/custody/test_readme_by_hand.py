"""An outsider follows a receipt with `openssl` and what every Unix has: the README's commands."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from custody.bundle import make_file, members_of, seal_members
from custody.bundle_members import Form, readme
from custody.container import open_container
from tests.support.signed_case import SignedLog
from tests.support.signed_walk import signed_log

COREUTILS = "basename base64 cat cmp cp cut date echo env head ls od printf sha256sum tail tr wc"
"""Of GNU coreutils and diffutils: no interpreter, no `xxd`."""
SHELLS = [shell for shell in ("sh", "bash", "dash") if shutil.which(shell)]


@pytest.fixture(scope="module")
def log() -> SignedLog:
    return signed_log(5, orders=2, length=9)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in (*COREUTILS.split(), "openssl"):
        folder.joinpath(name).symlink_to(str(shutil.which(name)))
    return folder


def follow(file: bytes, form: Form, folder: Path, tools: Path, shell: str = "sh") -> list[str]:
    """Unpack a file, run all commands of its README in one shell, return what was printed."""
    for name, data in open_container(file).items():
        path = folder / "file" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    blocks = re.findall(r"```sh\n(.*?)```", readme(form).decode(), re.DOTALL)
    done = subprocess.run(
        [str(shutil.which(shell)), "-c", "\n".join(blocks)],
        cwd=folder / "file",
        env={"PATH": str(tools), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_commands_of_the_readme_prove_a_receipt(
    log: SignedLog, shell: str, tmp_path: Path, tools: Path
) -> None:
    index = log.chain("A-1").indexes[5]
    printed = follow(log.receipt(index), Form.RECEIPT, tmp_path, tools, shell)
    statement = open_container(log.receipt(index))["hand/statement.json"].decode()
    assert "1: undamaged" in printed
    assert "2: the entry holds this statement" in printed
    assert "3: this was to be signed" in printed
    assert printed.count("Signature Verified Successfully") == 4 + statement.count('"meaning"')
    assert "3: signer 1 signed it" in printed
    assert log.leaves[index].hex() in printed
    assert f"5: entry {index} is in the ledger of {len(log.entries)} entries" in printed
    assert "6: the ledger signed the checkpoint" in printed
    assert sum(line.startswith("7: example.org/w") for line in printed) == 3
    for trouble in ("rror", "not found", "differ", "ailure"):
        assert not [line for line in printed if trouble in line]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_every_shape_of_tree_can_be_climbed_by_hand(size: int, tmp_path: Path, tools: Path) -> None:
    log = signed_log(size, orders=1, length=max(1, size - 2), churn=False)
    for index in range(len(log.entries)):
        folder = tmp_path / str(index)
        printed = follow(log.receipt(index), Form.RECEIPT, folder, tools)
        assert f"5: entry {index} is in the ledger of {len(log.entries)} entries" in printed


def test_what_was_changed_is_not_proven_by_hand_either(
    log: SignedLog, tmp_path: Path, tools: Path
) -> None:
    members = members_of(log.receipt_material(log.chain("A-1").indexes[5]))
    (name,) = (each for each in members if each.startswith("entries/"))
    members[name] = members[name].replace(b'"recorded_at":"2026', b'"recorded_at":"2025')
    members["hand/signature-1.bin"] = bytes(64)
    members["hand/checkpoint.sig"] = bytes(64)
    printed = follow(seal_members(members), Form.RECEIPT, tmp_path, tools)
    proven = {line[:2] for line in printed if re.match("[1-7]:", line)}
    assert proven == {"1:", "2:", "3:", "7:"}
    assert "3: signer 1 signed it" not in printed


def test_the_links_of_a_bundle_are_followed_by_hand(
    log: SignedLog, tmp_path: Path, tools: Path
) -> None:
    printed = follow(log.bundle("A-0"), Form.BUNDLE, tmp_path, tools)
    assert "1: undamaged" in printed
    assert "3: looked at every link" in printed
    assert not [line for line in printed if "does not follow" in line]


def test_a_missing_link_of_a_bundle_is_seen_by_hand(
    log: SignedLog, tmp_path: Path, tools: Path
) -> None:
    material = log.bundle_material("A-0")
    gone = sorted(material.entries)[3]
    entries = {index: data for index, data in material.entries.items() if index != gone}
    printed = follow(make_file(replace(material, entries=entries)), Form.BUNDLE, tmp_path, tools)
    assert sum("does not follow" in line for line in printed) == 1
