"""What is served is documented, and what is documented is served."""

import re
from pathlib import Path

from api import rights
from api.attempts import OF_ACCOUNT_FROM_ADDRESS
from api.live import CLIENTS_OF_ONE, HEARTBEAT_EVERY
from api.problems import STATUS

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_route_is_documented_and_no_other() -> None:
    named = set(re.findall(r"`(GET|PUT|POST|DELETE) (/[^`?]*?)`", DOCS))
    assert named == set(rights.ROUTES) | set(rights.OPEN)


def test_every_status_of_a_problem_is_documented() -> None:
    table = set(re.findall(r"^\| (\d{3}) \|", DOCS, flags=re.MULTILINE))
    assert {str(status.value) for status in STATUS.values()} <= table


def test_the_numbers_in_the_documentation_are_those_of_the_code() -> None:
    assert OF_ACCOUNT_FROM_ADDRESS == 5
    assert HEARTBEAT_EVERY.total_seconds() == 3
    assert CLIENTS_OF_ONE == 20
