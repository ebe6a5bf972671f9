"""The notary's page is held to the code."""

import re

from custody.kill_points import KILL_POINTS
from custody.second_place import HISTORY, KEY, LAST, SEAL_KEY
from tests.support.processes import ROOT

PAGE = (ROOT / "docs" / "notary.md").read_text(encoding="utf-8")


def test_the_kill_points_are_documented_in_their_order() -> None:
    assert re.findall(r"^\| `(notary\.\w+)` \|", PAGE, flags=re.MULTILINE) == list(KILL_POINTS)


def test_every_kill_point_is_reached_in_the_code() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("custody/*.py"))
    assert {*re.findall(r'reached\("(notary\.\w+)"\)', sources)} == set(KILL_POINTS)


def test_the_files_of_the_second_place_are_documented() -> None:
    for name in (KEY, LAST, HISTORY, SEAL_KEY):
        assert f"| `{name}` |" in PAGE
