"""What the doctor looks at on this machine."""

import ctypes
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import api
from schemas.settings import Settings
from unbroken.finding import Finding, failing, fine, note, warning

WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
"""This version is not older than that; a clock before it is wrong."""

_PREFIX = "UNBROKEN_"
_OTHER_VARIABLES = {"UNBROKEN_TOKEN", "UNBROKEN_API_URL", "UNBROKEN_TEST_DATABASE_URL"}
_FREE_BYTES = 2 * 1024**3
_TIME_ERROR = 5
_TIMEX_BYTES = 512  # struct timex is 208 on 64-bit Linux


def examine_house(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is found on this machine."""
    yield _variables(environment)
    yield from _data_dir(settings.data_dir.expanduser().absolute())
    yield _demo_accounts(settings)
    yield _dashboard()
    yield _clock(datetime.now(UTC))
    yield _exposure(settings)


def _variables(environment: Mapping[str, str]) -> Finding:
    known = {_PREFIX + name.upper() for name in Settings.model_fields} | _OTHER_VARIABLES
    unknown = sorted(
        name for name in environment if name.startswith(_PREFIX) and name.upper() not in known
    )
    if unknown:
        return warning(
            "settings",
            f"No setting is called {', '.join(unknown)}; it has no effect.",
            "Compare the name with the table in docs/runbook.md.",
        )
    return fine("settings", "Every UNBROKEN_ variable is a setting.")


def _data_dir(place: Path) -> Iterator[Finding]:
    if not place.exists():
        yield note("data-dir", f"The data directory {place} will be made at the first start.")
        return
    mode = stat.S_IMODE(place.stat().st_mode)
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield failing(
            "data-dir",
            f"Others may write to the data directory {place}.",
            f"chmod go-w '{place}'",
        )
    elif mode & (stat.S_IRGRP | stat.S_IROTH):
        yield warning(
            "data-dir",
            f"Others may list the data directory {place}.",
            f"chmod go-r '{place}'",
        )
    else:
        yield fine("data-dir", f"The data directory {place} is closed to others.")
    free = shutil.disk_usage(place).free
    if free < _FREE_BYTES:
        yield warning(
            "disk",
            f"Only {free / 1024**3:.1f} GB are free where the data directory lies.",
            "Make room, or move the data: a full disk stops the database.",
        )
    else:
        yield fine("disk", f"{free / 1024**3:.0f} GB are free where the data directory lies.")


def _demo_accounts(settings: Settings) -> Finding:
    file = settings.data_dir.expanduser().absolute() / "demo-accounts.json"
    if not file.exists():
        return fine("demo-accounts", "There are no demo accounts.")
    names: list[str] = []
    with suppress(ValueError, KeyError, TypeError, OSError):
        names = [one["username"] for one in json.loads(file.read_text(encoding="utf-8"))]
    say = warning if settings.database_url is not None else note
    return say(
        "demo-accounts",
        "The demo's accounts exist, with passwords that lie in the data directory.",
        "Before real use start with a fresh database and data directory, or disable them: "
        + "; ".join(f"unbroken account disable {name}" for name in names)
        + ".",
    )


def dashboard_is_built() -> bool:
    """Tell whether there is a page for the API to serve."""
    return (Path(api.__file__).parent / "web" / "index.html").exists()


def _dashboard() -> Finding:
    if dashboard_is_built():
        return fine("dashboard", "The dashboard is built.")
    return warning(
        "dashboard",
        "The dashboard is not built: the API answers, but there is no page to look at.",
        "Install Unbroken from its wheel, or run `make web` in the source directory.",
    )


def _clock(now: datetime) -> Finding:
    if now < WRITTEN:
        return failing(
            "clock",
            f"This machine believes it is {now:%Y-%m-%d %H:%M} UTC, before this version was made.",
            "Set the clock. Readings from the future go to quarantine.",
        )
    if _kernel_says_unsynchronised():
        return note(
            "clock",
            "The kernel says that no time server disciplines this machine's clock.",
            "Run chrony or systemd-timesyncd (in a container: on its host).",
        )
    return fine("clock", "This machine's clock follows a time server.")


def _kernel_says_unsynchronised() -> bool:
    with suppress(OSError, AttributeError):
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
        return state == _TIME_ERROR
    return False


def _exposure(settings: Settings) -> Finding:
    if settings.http_host in {"127.0.0.1", "::1", "localhost"}:
        return fine("exposure", "The API listens on this machine only.")
    return warning(
        "exposure",
        f"The API listens on {settings.http_host} without TLS: passwords cross the network.",
        "Let it listen on 127.0.0.1 behind a reverse proxy that speaks TLS.",
    )


def current_environment() -> Mapping[str, str]:
    """Return this process's environment."""
    return dict(os.environ)
