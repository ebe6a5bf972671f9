import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import ConfigurationError
from tests.support.processes import wait_until
from unbroken.keeper import Keeper


class Part:
    """A part that can be broken, and dies at once while what it stands on is down."""

    def __init__(self, stands_on: "Part | None" = None) -> None:
        self.broken = False
        self.starts: list[float] = []
        self._stands_on = stands_on
        self._alive = False

    @property
    def running(self) -> bool:
        return self._alive and (self._stands_on is None or self._stands_on.running)

    def start(self) -> None:
        self.starts.append(time.monotonic())
        if self.broken:
            raise ConfigurationError("It is broken.")
        self._alive = True

    def stop(self) -> None:
        self._alive = False


@contextmanager
def watched(keeper: Keeper) -> Iterator[None]:
    stop = threading.Event()
    watching = threading.Thread(target=keeper.watch, args=(stop,))
    watching.start()
    try:
        yield
    finally:
        stop.set()
        watching.join()
        keeper.stop()


def test_what_needs_the_database_waits_for_it_and_starts_right_after_it() -> None:
    said: list[str] = []
    keeper, database = Keeper(said.append), Part()
    service = Part(stands_on=database)
    keeper.start("database", database, carries=True)
    keeper.start("service", service)

    with watched(keeper):
        database.broken = True
        database.stop()
        assert wait_until(lambda: len(database.starts) == 4)
        assert len(service.starts) == 1  # not tried while it could only die
        database.broken = False
        assert wait_until(lambda: service.running)

    assert service.starts[-1] - database.starts[-1] < 0.5
    assert said == [f"{name} ended. Starting it again" for name in ("database", "service")]


def test_what_needs_nothing_waits_for_nothing() -> None:
    keeper, broken, other = Keeper(lambda _: None), Part(), Part()
    keeper.start("broken", broken)
    keeper.start("other", other)

    with watched(keeper):
        broken.broken = True
        broken.stop()
        other.stop()
        assert wait_until(lambda: other.running)
        assert not broken.running
