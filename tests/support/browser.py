"""Chromium, and what a page must never do while we look at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from schemas.roles import Role
from tests.support.demo import RunningDemo

CHROMIUM = Path("/usr/bin/chromium")
# In a container there is no user namespace for its sandbox; the rest keeps it off the network.
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
Size = tuple[int, int]
Theme = Literal["light", "dark"]
LAPTOP = (1366, 768)
PHONE = (390, 844)
WALL = (2560, 1440)
PATIENCE_MS = 15_000
_ONLY_HERE = {"127.0.0.1", "localhost"}
_NO_NETWORK = {"data", "blob", "about"}
# Said for every 4xx that a page asked for and has an answer to.
_NOT_A_COMPLAINT = "Failed to load resource: the server responded with a status of 4"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield the system's Chromium, without a window."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(kw_only=True)  # no slots: Playwright hangs its wrappers of our methods on us
class Visit:
    """One person with one page open.

    Attributes:
        page: What they look at.
        demo: Whose dashboard it is.
        elsewhere: Addresses that the page asked for and that are not on this machine.
        complaints: Uncaught errors, and what the browser refused: the content security policy.
        asked: How many requests the page made.
    """

    page: Page
    demo: RunningDemo
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.page.on("request", self._note_request)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_request(self, request: Request) -> None:
        self.asked += 1
        where = urlsplit(request.url)
        if where.scheme not in _NO_NETWORK and where.hostname not in _ONLY_HERE:
            self.elsewhere.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_NOT_A_COMPLAINT):
            self.complaints.append(message.text)

    def open(self, path: str = "/") -> None:
        """Go to a page of the dashboard."""
        self.page.goto(self.demo.address + path)

    def sign_in(self, role: Role) -> None:
        """Sign in on the page itself, and wait for the board."""
        self.open("/sign-in")
        self.page.get_by_label("Name").fill(role.value)
        self.page.get_by_label("Password").fill(self.demo.passwords[role.value])
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="Needs you")).to_be_visible()

    def barriers(self) -> list[str]:
        """Return the serious and critical violations of accessibility, with where they are."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['impact']} {one['id']}: {one['help']} at {[n['target'] for n in one['nodes']]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]


@contextmanager
def visit(
    browser: Browser, demo: RunningDemo, *, size: Size = LAPTOP, theme: Theme = "light"
) -> Iterator[Visit]:
    """Yield a visitor with a browser profile of their own, in Chicago.

    Raises:
        AssertionError: At the end, if the page asked another machine or made an error.
    """
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        timezone_id="America/Chicago",
        locale="en-US",
    )
    try:
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visit(page=context.new_page(), demo=demo)
        yield visitor
        assert visitor.elsewhere == []
        assert visitor.complaints == []
    finally:
        context.close()
