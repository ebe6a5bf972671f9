"""What a coordinator does all day: look, notice, answer, open, and trust the live mark."""

import os
import re
import signal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from schemas.roles import Role
from tests.support.browser import Visit
from tests.support.demo import RunningDemo, fetch
from tests.support.processes import wait_until

pytestmark = pytest.mark.e2e

MOVES_WITHIN_S = 90.0
JUDGED_WITHIN_S = 60.0
ALERTS_WITHIN_S = 120.0
MOVED_DEG = 0.2  # some 20 km, more than a pixel of the map


def test_a_wrong_password_is_told_in_a_sentence(visitor: Visit) -> None:
    visitor.open("/")
    visitor.page.get_by_label("Name").fill("coordinator")
    visitor.page.get_by_label("Password").fill("not this one")
    visitor.page.get_by_role("button", name="Sign in").click()

    expect(visitor.page.get_by_role("alert")).to_contain_text("do not match")


def test_most_of_the_fleet_is_known_to_be_well(demo: RunningDemo) -> None:
    with demo.signed_in(Role.COORDINATOR) as client:

        def mostly_quiet() -> bool:
            counts = fetch(client, "/board")["counts"]
            return bool(counts["quiet"] * 2 > counts["shipments"] > 0)

        assert wait_until(mostly_quiet, wait_s=JUDGED_WITHIN_S), fetch(client, "/board")["counts"]


def test_a_moving_shipment_moves_on_the_page(visitor: Visit, demo: RunningDemo) -> None:
    visitor.sign_in(Role.COORDINATOR)
    page = visitor.page
    with demo.signed_in(Role.COORDINATOR) as client:
        code = _travelling(client)
    expect(page.locator(".maplibregl-canvas")).to_be_visible()
    row = page.locator(f'tr[data-code="{code}"]')
    row.locator("td").first.click()
    chip = page.locator("p.chip", has_text=code)
    expect(chip).to_be_visible()
    before = chip.get_attribute("style")

    expect(chip).not_to_have_attribute("style", before or "", timeout=MOVES_WITHIN_S * 1000)
    expect(row).to_contain_text("°C")


def test_an_excursion_is_noticed_and_answered_by_keyboard(
    visitor: Visit, demo: RunningDemo
) -> None:
    visitor.sign_in(Role.COORDINATOR)
    page = visitor.page
    with demo.signed_in(Role.COORDINATOR) as client:
        alert = _open_excursion(client)
        item = page.locator(f'li[data-alert="{alert["id"]}"]')
        expect(item).to_contain_text("limit", timeout=ALERTS_WITHIN_S * 1000)
        item.get_by_role("button", name=re.compile("limit")).focus()

        page.keyboard.press("Space")
        page.keyboard.press("a")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("Reason")).to_be_focused()
        page.keyboard.type("The site")
        page.keyboard.press("Tab")
        page.keyboard.type("Called the courier; dry ice is added at the hub.")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(dialog).to_be_hidden()
        expect(item).to_contain_text("Acknowledged by")
        expect(item).to_contain_text("The site or carrier has been told")
        expect(item).to_contain_text("dry ice is added at the hub")
        known = next(one for one in _alerts(client) if one["id"] == alert["id"])
    assert known["state"] == "acknowledged"
    assert known["reason"] == "site_told"


def test_a_shipment_answers_five_questions_and_shows_its_record(
    visitor: Visit, demo: RunningDemo
) -> None:
    with demo.signed_in(Role.COORDINATOR) as client:
        code = _travelling(client)
        entries = fetch(client, f"/shipments/{code}/entries")
    visitor.sign_in(Role.COORDINATOR)
    page = visitor.page
    page.get_by_role("link", name=code, exact=True).first.click()

    expect(page.get_by_role("heading", name=code, level=1)).to_be_visible()
    for question in ("How cold", "Where", "Who holds it", "Who owns it", "What next"):
        answer = page.locator("dl > div", has=page.get_by_text(question, exact=True))
        expect(answer.locator("dd").first).to_have_text(re.compile(r"\w"))
    chart = page.get_by_role("img", name=re.compile("Chart of temperature"))
    expect(chart.locator("canvas").first).to_be_visible()
    custody = page.get_by_role("region", name="Custody")
    expect(custody).to_contain_text("unbroken")
    assert len(entries) >= 3
    expect(custody.locator("summary")).not_to_have_count(0)
    custody.locator("summary").last.click()
    expect(custody).to_contain_text(str(entries[0]["entry_hash"]))


def test_the_live_mark_ages_when_the_server_is_frozen_and_recovers(
    visitor: Visit, demo: RunningDemo
) -> None:
    page = visitor.page
    page.clock.install()
    visitor.sign_in(Role.COORDINATOR)
    mark = page.locator("header .live")
    expect(mark).to_contain_text("Live")
    api = demo.pid_of("api")

    os.kill(api, signal.SIGSTOP)
    try:
        page.clock.fast_forward(16_000)
        expect(mark).to_have_class(re.compile("amber"))
        expect(mark).to_contain_text("Late")
        expect(page.get_by_text("This page is not live.", exact=True)).to_be_hidden()
        page.clock.fast_forward(45_000)
        expect(mark).to_have_class(re.compile("red"))
        expect(page.get_by_text("This page is not live.", exact=True)).to_be_visible()
        expect(page.get_by_text("Do not release on this page")).to_be_visible()
    finally:
        os.kill(api, signal.SIGCONT)

    _run_until_live(page, mark)
    expect(page.get_by_text("This page is not live.", exact=True)).to_be_hidden()


def _run_until_live(page: Page, mark: Locator) -> None:
    """The page's own pauses before it connects again are part of its clock."""
    expect(mark).to_have_class(re.compile(r"\blive live\b"), timeout=40_000)


def _travelling(client: httpx.Client) -> str:
    """Return the code of a shipment whose position has just changed."""
    first: dict[str, tuple[float, float]] = {}
    moved: list[str] = []

    def some_moved() -> bool:
        now = _positions(client)
        for code, place in now.items():
            first.setdefault(code, place)  # a demo that just began says departure by departure
        moved[:] = [
            code
            for code, (lat, lon) in now.items()
            if abs(lat - first[code][0]) + abs(lon - first[code][1]) > MOVED_DEG
        ]
        return bool(moved)

    assert wait_until(some_moved, wait_s=MOVES_WITHIN_S), "no shipment moved"
    return moved[0]


def _positions(client: httpx.Client) -> dict[str, tuple[float, float]]:
    rows = fetch(client, "/shipments?state=in_transit")["items"]
    return {row["code"]: (row["lat"], row["lon"]) for row in rows if row["lat"] is not None}


def _alerts(client: httpx.Client) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = fetch(client, "/board")["alerts"]
    return alerts


def _open_excursion(client: httpx.Client) -> dict[str, Any]:
    """Return an open alert of a confirmed excursion, waiting for the fleet's first."""
    found: list[dict[str, Any]] = []

    def some_open() -> bool:
        found[:] = [
            one
            for one in _alerts(client)
            if (one["kind"], one["severity"], one["state"]) == ("limit", "critical", "open")
        ]
        return bool(found)

    assert wait_until(some_open, wait_s=ALERTS_WITHIN_S), "no excursion"
    return found[0]
