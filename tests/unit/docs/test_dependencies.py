"""What the program imports is what `make setup` installs: nothing is there by chance."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.support.processes import ROOT

ROOMS = ("alerts", "api", "custody", "ingest", "schemas", "simulator", "store", "unbroken")
OURS = {*ROOMS, "tests"}
ONLY_IN_BENCHMARKS = {"polars"}
"""Imported where `unbroken bench` compares, which says so when it is missing."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", one)[0].lower().replace("_", "-") for one in requirements}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.partition(".")[0]


def test_every_import_of_the_program_is_a_declared_dependency() -> None:
    declared = names_of(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        declared |= names_of(extra)
    distributions = packages_distributions()
    missing = {}
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for module in set(imported(file)) - OURS - ONLY_IN_BENCHMARKS:
                if module in sys.stdlib_module_names:
                    continue
                found = {name.lower().replace("_", "-") for name in distributions.get(module, [])}
                if not found & declared:
                    missing[f"{file.relative_to(ROOT)}: {module}"] = found
    assert not missing
