import re
from pathlib import Path

import pytest

from schemas.settings import Settings
from tests.support.processes import ROOT
from unbroken.cli import app

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
FINDING = re.compile(r'\b(?:fine|note|warning|failing|say)\(\s*"([a-z-]+)"')
FINDINGS = {
    name
    for source in Path(ROOT, "unbroken").glob("doctor_*.py")
    for name in FINDING.findall(source.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_runbook_with_its_default(name: str) -> None:
    default = Settings.model_fields[name].default

    row = next(
        line for line in RUNBOOK.splitlines() if line.startswith(f"| `UNBROKEN_{name.upper()}` |")
    )

    assert ("unset" if default is None else f"`{default}`") in row


def test_the_runbook_names_no_setting_that_is_not_there() -> None:
    known = {f"UNBROKEN_{name.upper()}" for name in Settings.model_fields}
    rows = re.findall(r"^\| `(UNBROKEN_\w+)` \|", RUNBOOK, flags=re.MULTILINE)

    assert set(rows) == known


def test_the_runbook_explains_every_finding_of_the_doctor() -> None:
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", RUNBOOK, flags=re.MULTILINE))

    assert len(FINDINGS) > 20
    assert rows == FINDINGS


def test_the_runbook_names_every_command() -> None:
    commands = [
        one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands
    ]
    groups = [str(group.name) for group in app.registered_groups]

    for name in (*commands, *groups):
        assert f"`unbroken {name}" in RUNBOOK
