"""Every page in both themes: pictures to look at, no barrier, and nothing asked elsewhere."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from schemas.roles import Role
from tests.support.browser import LAPTOP, PHONE, WALL, Size, Theme, Visit
from tests.support.demo import RunningDemo, fetch

pytestmark = pytest.mark.e2e

DRAWN_WITHIN_MS = 40_000  # without a graphics card, by two cores that others use too
Visitors = Callable[[Size, Theme], Visit]
THEMES: list[Theme] = ["light", "dark"]


def test_the_page_may_run_only_our_own_script(demo: RunningDemo) -> None:
    policy = httpx.get(demo.address).headers["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("theme", THEMES)
def test_no_page_has_a_serious_barrier_or_asks_another_machine(
    visitors: Visitors, demo: RunningDemo, theme: Theme
) -> None:
    visitor = visitors(LAPTOP, theme)
    page = visitor.page
    visitor.open("/sign-in")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    barriers = {"/sign-in": visitor.barriers()}
    visitor.sign_in(Role.COORDINATOR)

    for path in ("/", "/shipments", f"/shipments/{_worst(demo)}", "/quarantine"):
        visitor.open(path)
        _wait_until_drawn(page, path)
        barriers[path] = visitor.barriers()

    assert {path: found for path, found in barriers.items() if found} == {}
    assert visitor.asked > 20
    assert visitor.elsewhere == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_board_and_shipment_fit_the_screen(
    visitors: Visitors, demo: RunningDemo, screenshots: Path, size: Size, theme: Theme
) -> None:
    visitor = visitors(size, theme)
    visitor.sign_in(Role.COORDINATOR)
    for name, path in (("board", "/"), ("shipment", f"/shipments/{_worst(demo)}")):
        visitor.open(path)
        _wait_until_drawn(visitor.page, path)
        visitor.page.screenshot(path=screenshots / f"{name}-{size[0]}x{size[1]}-{theme}.png")
        assert _spill_px(visitor.page) <= 0, f"{path} scrolls sideways"


def test_the_board_fits_a_wall_screen(visitors: Visitors, screenshots: Path) -> None:
    visitor = visitors(WALL, "light")
    visitor.sign_in(Role.COORDINATOR)
    _wait_until_drawn(visitor.page, "/")

    visitor.page.screenshot(path=screenshots / "board-2560x1440-light.png")

    assert _spill_px(visitor.page) <= 0


def _worst(demo: RunningDemo) -> str:
    """Return the shipment of the first alert, or of the first row."""
    with demo.signed_in(Role.COORDINATOR) as client:
        board = fetch(client, "/board")
    codes = [alert["shipment"] for alert in board["alerts"]]
    return str([*codes, *(row["code"] for row in board["shipments"])][0])


def _wait_until_drawn(page: Page, path: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_text("Loading").filter(visible=True)).to_have_count(0)
    if path.startswith("/shipments/"):
        expect(page.locator(".uplot canvas").first).to_be_visible()
    if path == "/" and (page.viewport_size or {"width": 0})["width"] >= LAPTOP[0]:
        expect(page.get_by_role("region", name="Map of shipments")).to_have_attribute(
            "aria-busy", "false", timeout=DRAWN_WITHIN_MS
        )


def _spill_px(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    spill: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return spill
