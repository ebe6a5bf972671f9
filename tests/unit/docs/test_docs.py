"""Documentation is held to the code by introspection."""

import importlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import simulator.senml
from ingest.channels import CONVERSIONS, TABLE, UNITS
from ingest.decode import Decoded, Limits, decode
from ingest.kill_points import KILL_POINTS
from ingest.message import READINGS_FILTER, Message
from ingest.stored import StoredReport
from schemas.errors import QuarantineReason
from schemas.reading import CHANNELS
from schemas.settings import Settings
from tests.support.processes import ROOT

ROOMS = ("alerts", "api", "custody", "ingest", "schemas", "simulator", "store", "unbroken")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("dashboard/*.md")]
DECISIONS = sorted(ROOT.glob("docs/adr/*.md"))
PARTS = ["Context.", "Decision.", "Consequences.", "Alternatives.", "Enforced by"]
SENTENCE_END = re.compile(r"[.?](?=\s|$)")
MOST_SENTENCES_OF_CONTEXT = 4


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


WIRE, FLOW, README = text_of("docs/wire.md"), text_of("docs/flow.md"), text_of("README.md")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def table(text: str, heading: str) -> dict[str, list[str]]:
    """Return the further cells of each row under a heading, by the code in its first cell."""
    section = text.split(f"\n{heading}\n", 1)[1]
    section = re.split(r"^#+ ", section, maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"^\| `([^`]+)` \|(.*)\|$", section, flags=re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in found}


def example(after: str) -> str:
    """Return the first block of JSON behind a heading of the wire."""
    found = re.search(r"```json\n(.*?)```", WIRE.split(f"\n{after}\n", 1)[1], flags=re.DOTALL)
    assert found is not None
    return found.group(1)


def decoded(payload: str, *, arrived_us: int) -> Decoded:
    message = Message(0, 0, "unbroken/v1/LG-0001/readings", payload.encode(), None, arrived_us)
    day_us = 86_400_000_000
    limits = Limits(future_us=300_000_000, oldest_us=400 * day_us, message_bytes=4096)
    return decode([message], limits)


NAMES = table(WIRE, "## Readings")


def test_the_names_and_units_of_the_wire_are_documented_and_no_others() -> None:
    documented = {name: set(cells[0].replace("`", "").split(", ")) for name, cells in NAMES.items()}

    assert documented == {name: {unit or "none" for unit in units} for name, units in UNITS.items()}


@pytest.mark.parametrize("name", UNITS)
def test_a_name_is_documented_with_the_column_it_becomes(name: str) -> None:
    columns = {CONVERSIONS[TABLE[name, unit]].column for unit in UNITS[name]}

    column = (*CHANNELS, "seq")[columns.pop()]

    assert not columns
    assert NAMES[name][1].startswith(f"`{column}`")


@pytest.mark.parametrize(("name", "unit"), simulator.senml.UNITS.items())
def test_what_the_simulator_sends_is_documented(name: str, unit: str | None) -> None:
    assert (unit or "none") in NAMES[name][0]


def test_the_reasons_of_quarantine_are_documented_and_no_others() -> None:
    assert set(table(WIRE, "## What is set aside, and why")) == {*QuarantineReason}


def test_the_topics_are_documented() -> None:
    report = StoredReport()
    report.add(["{serial}"], np.array([0]), np.array([1]))
    ((stored, _),) = report.take(datetime.now(UTC))

    assert {READINGS_FILTER.replace("+", "{serial}"), stored} <= set(table(WIRE, "## Topics"))


def test_the_example_of_a_pack_is_two_readings() -> None:
    arrived_us = 1_795_306_000_000_000

    found = decoded(example("## Readings"), arrived_us=arrived_us)

    assert not found.faults
    assert found.readings.seq.tolist() == [17, 18]


def test_the_example_of_a_report_is_of_the_form_that_is_sent() -> None:
    written = json.loads(example("### `stored`"))
    numbers = np.concatenate([np.arange(a, b + 1) for a, b in written["stored"]])
    report = StoredReport()
    report.add(["LG-0001"], np.zeros_like(numbers), numbers)

    ((_, payload),) = report.take(datetime.fromisoformat(written["at"]))

    assert json.loads(payload) == written


def test_the_kill_points_are_documented_in_their_order() -> None:
    assert list(table(FLOW, "### Kill points")) == list(KILL_POINTS)


def named_objects() -> list[str]:
    found = re.findall(rf"`((?:{'|'.join(ROOMS)})(?:\.\w+)+)`", FLOW)
    return sorted({name for name in found if name not in KILL_POINTS})


@pytest.mark.parametrize("name", named_objects())
def test_a_function_named_in_the_flow_is_there(name: str) -> None:
    parts = name.split(".")
    depth = next(
        n for n in range(len(parts), 0, -1) if ROOT.joinpath(*parts[:n]).with_suffix(".py").exists()
    )
    found: object = importlib.import_module(".".join(parts[:depth]))

    for attribute in parts[depth:]:
        found = getattr(found, attribute)


def test_every_setting_that_a_page_mentions_is_one() -> None:
    known = {f"UNBROKEN_{name.upper()}" for name in Settings.model_fields}
    known |= {"UNBROKEN_KILL_AT", "UNBROKEN_API_URL", "UNBROKEN_TOKEN", "UNBROKEN_API"}
    known |= {"UNBROKEN_TEST_DATABASE_URL", "UNBROKEN_"}

    mentioned = {
        name for page in PAGES for name in re.findall(r"UNBROKEN_[A-Z_]*", page.read_text())
    }

    assert mentioned <= known


def test_every_room_is_in_the_readme() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"dashboard", "tests"}

    documented = {name.rstrip("/") for name in table(README, "## Rooms")}

    assert rooms <= documented
    assert all((ROOT / name).is_dir() for name in documented)


def test_every_page_of_the_documentation_is_reached_from_the_readme() -> None:
    for page in ROOT.glob("docs/*.*"):
        assert f"({shown(page)})" in README


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    for link in links:
        assert "://" in link or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    rooms = "|".join((*ROOMS, "docs", "tests"))
    text = page.read_text(encoding="utf-8")

    for name in re.findall(rf"`((?:{rooms})/[\w./-]+\.(?:py|md|toml|yaml))`", text):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", DECISIONS, ids=shown)
def test_a_decision_has_its_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    context = text.split("**Context.**")[1].split("**Decision.**")[0]

    assert re.match(rf"# {page.name[:4]} \S", text)
    assert "\nStatus: " in text
    assert re.findall(r"^\*\*([\w ]+\.?)\*\*", text, flags=re.MULTILINE) == PARTS
    assert len(SENTENCE_END.findall(context)) <= MOST_SENTENCES_OF_CONTEXT


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_promise_of_quality_has_a_status_and_a_comment() -> None:
    text = text_of("docs/quality.yaml")
    promises = re.findall(
        r"^    (\w+):\n      status: (\w+)\n      comment: (.+)$", text, re.MULTILINE
    )

    assert len(promises) == len(re.findall(r"^    \w", text, re.MULTILINE))
    assert {status for _, status, _ in promises} == {"done", "todo", "exempt"}
