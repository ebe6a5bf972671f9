"""The data directory: one owner at a time, and what that owner runs."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What runs over a data directory now, for the other commands to find.

    Attributes:
        pid: Process that started it all and ends it.
        database_url: SQLAlchemy URL.
        mqtt_url: Broker; None while there is none.
        api_url: Where people go; None while there is none.
    """

    pid: int
    database_url: str
    mqtt_url: str | None = None
    api_url: str | None = None


def make_data_dir(data_dir: Path) -> Path:
    """Return the absolute data directory, made private if it is new.

    Root's may be passed through (not listed): PostgreSQL's own user lives below it.

    Raises:
        ConfigurationError: It cannot be made or written to.
    """
    place = data_dir.expanduser().absolute()
    try:
        place.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The data directory {place} cannot be made: {error.strerror}."
        raise ConfigurationError(message) from error
    if not os.access(place, os.W_OK | os.X_OK):
        message = f"The data directory {place} cannot be written to. Set UNBROKEN_DATA_DIR."
        raise ConfigurationError(message)
    return place


@contextmanager
def claimed(data_dir: Path) -> Iterator[Path]:
    """Own the data directory for the length of the block.

    The claim is a lock that the kernel drops with the process: no stale claims.

    Raises:
        ConfigurationError: Another process owns it; the sentence says which.
    """
    place = make_data_dir(data_dir)
    with (place / "lock").open("a+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(_in_use(place)) from None
        try:
            yield place
        finally:
            with suppress(FileNotFoundError):
                _running_file(place).unlink()


def _in_use(place: Path) -> str:
    running = _read(place)
    who = "by another process" if running is None else f"by process {running.pid}"
    where = "" if running is None or running.api_url is None else f", at {running.api_url}"
    return (
        f"The data directory {place} is in use {who}{where}. "
        "End that one first, or set UNBROKEN_DATA_DIR to another directory."
    )


def announce(place: Path, running: Running) -> None:
    """Write down what runs, readable by this user only (it may hold a database password)."""
    write_private(_running_file(place), json.dumps(asdict(running), indent=1))


def find_running(data_dir: Path) -> Running | None:
    """Return what runs over the data directory; None when nobody owns it."""
    place = data_dir.expanduser().absolute()
    with suppress(OSError), (place / "lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(place)
    return None


def write_private(path: Path, content: str) -> None:
    """Replace a file in one step; only this user may read it."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _running_file(place: Path) -> Path:
    return place / "running.json"


def _read(place: Path) -> Running | None:
    with suppress(OSError, ValueError, TypeError):
        return Running(**json.loads(_running_file(place).read_text(encoding="utf-8")))
    return None
