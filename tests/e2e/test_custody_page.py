"""Custody on the shipment's page: who held it, who owned it, who signed what, and the proof."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Download, Locator, expect

from custody.policy import parse_policy
from custody.verify import verify
from schemas.roles import Role
from tests.support.browser import LAPTOP, PHONE, Size, Theme, Visit
from tests.support.demo import House, RunningDemo, fetch
from tests.support.processes import wait_until

pytestmark = pytest.mark.e2e

Visitors = Callable[[Size, Theme], Visit]
HANDED_OVER_WITHIN_S = 120.0
WITNESSED_WITHIN_MS = 60_000
SMALLEST_TARGET_PX = 44


def test_every_entry_of_the_order_says_who_signed_it_when_and_how(
    visitor: Visit, demo: RunningDemo
) -> None:
    shipment = _handed_over(demo)
    custody = _open(visitor, shipment)

    custody.get_by_role("button", name="Open all entries").click()

    entries = _entries(demo, shipment)
    assert entries[0]["kind"] == "commission"
    for said in entries:
        item = _entry(custody, said)
        for signer in said["signers"]:
            expect(item).to_contain_text(f"{signer['name']}")
            expect(item).to_contain_text(f"“{signer['meaning']}”")
            expect(item).to_contain_text(f"Ed25519 key {signer['key'][:16]}")
        expect(item).to_contain_text(said["entry_hash"])
        if said["sealed"]:
            expect(item).to_contain_text(f"of leg {said['sealed']['leg']}")


def test_the_lanes_end_with_who_holds_it_and_who_owns_it(visitor: Visit, demo: RunningDemo) -> None:
    shipment = _handed_over(demo)
    custody = _open(visitor, shipment)

    for lane, party in (("Who held it", "holder"), ("Who owned it", "owner")):
        turns = custody.get_by_role("region", name=lane).get_by_role("listitem")
        expect(turns.last).to_contain_text(shipment[party]["name"])
        expect(turns.last).to_contain_text("so far")
        expect(turns.first).to_contain_text("since")


def test_an_offer_and_its_acceptance_lead_to_each_other(visitor: Visit, demo: RunningDemo) -> None:
    shipment = _handed_over(demo)
    custody = _open(visitor, shipment)
    entries = _entries(demo, shipment)
    offer = next(one for one in entries if one["kind"] == "offer")
    accept = next(one for one in entries if one["kind"] == "accept")

    there = f"Accepted by entry {accept['order_sequence']}"
    back = f"Answers the offer, entry {offer['order_sequence']}"
    _entry(custody, offer).get_by_role("link", name=there, exact=True).click()
    expect(_entry(custody, accept)).to_be_in_viewport()
    _entry(custody, accept).get_by_role("link", name=back, exact=True).click()

    expect(_entry(custody, offer)).to_be_in_viewport()
    expect(custody.get_by_text("Offered, not yet accepted").first).to_be_attached()


def test_what_is_taken_along_proves_itself_to_whoever_trusts_the_demos_witnesses(
    visitor: Visit, demo: RunningDemo, house: House, tmp_path: Path
) -> None:
    shipment = _handed_over(demo)
    custody = _open(visitor, shipment)
    expect(custody).to_contain_text(
        re.compile(r"Witnessed to size [\d,]+, .+ ago, 2 of 3"), timeout=WITNESSED_WITHIN_MS
    )
    custody.locator("li[id^=entry-] summary").last.click()
    policy = parse_policy((house.data_dir / "witnesses" / "policy.txt").read_bytes())

    for name in ("Receipt of entry 1", "Bundle of the order"):
        link = custody.get_by_role("link", name=name, exact=True)
        result = verify(_taken(visitor, link, tmp_path).read_bytes(), policy)
        assert result.ok, result
    expect(custody.get_by_role("link", name="Certificate (PDF)")).to_have_attribute(
        "href", f"/api/v1/shipments/{shipment['code']}/certificate"
    )
    expect(custody.get_by_role("link", name="Check it yourself")).to_have_attribute(
        "href", "/verify"
    )


def test_on_paper_every_entry_is_open(visitor: Visit, demo: RunningDemo) -> None:
    custody = _open(visitor, _handed_over(demo))
    entries = custody.locator("li[id^=entry-] details")
    expect(custody.locator("li[id^=entry-] details[open]")).to_have_count(0)

    visitor.page.emulate_media(media="print")

    expect(custody.locator("li[id^=entry-] details[open]")).to_have_count(entries.count())
    expect(custody.get_by_role("button")).to_have_count(0)
    expect(custody).to_contain_text("Printed ")


def test_an_entry_is_opened_and_the_order_turned_by_keyboard(
    visitor: Visit, demo: RunningDemo
) -> None:
    custody = _open(visitor, _handed_over(demo))
    first = custody.locator("li[id^=entry-]").first
    expect(first).not_to_have_id("entry-1")
    page = visitor.page

    custody.get_by_role("button", name="Show oldest first").focus()
    page.keyboard.press("Enter")
    expect(first).to_have_id("entry-1")
    first.locator("summary").focus()
    page.keyboard.press("Enter")

    expect(first.locator("dl")).to_be_visible()


@pytest.mark.parametrize(("size", "theme"), [(LAPTOP, "light"), (LAPTOP, "dark"), (PHONE, "light")])
def test_an_open_record_has_no_barrier_and_fits_the_screen(
    visitors: Visitors, demo: RunningDemo, screenshots: Path, size: Size, theme: Theme
) -> None:
    visitor = visitors(size, theme)
    custody = _open(visitor, _handed_over(demo))
    custody.get_by_role("button", name="Open all entries").click()
    expect(custody.locator("li[id^=entry-] details[open]").first).to_be_visible()

    assert visitor.barriers() == []
    custody.screenshot(path=screenshots / f"custody-{size[0]}-{theme}.png")
    spill = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert visitor.page.evaluate(spill) <= 0
    if size == PHONE:
        heights = custody.locator("a, button, summary").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= SMALLEST_TARGET_PX


def _handed_over(demo: RunningDemo) -> dict[str, Any]:
    """Return a shipment that somebody has accepted, waiting for the first."""
    found: list[dict[str, Any]] = []
    with demo.signed_in(Role.COORDINATOR) as client:

        def some_accepted() -> bool:
            found[:] = [row for row in _rows(client) if _is_accepted(client, row)][:1]
            return bool(found)

        assert wait_until(some_accepted, wait_s=HANDED_OVER_WITHIN_S), "nothing was handed over"
    return found[0]


def _rows(client: httpx.Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = fetch(client, "/shipments?state=delivered")["items"]
    return rows or list(fetch(client, "/shipments?state=in_transit")["items"])


def _is_accepted(client: httpx.Client, row: dict[str, Any]) -> bool:
    entries = fetch(client, f"/orders/{row['order_code']}/entries")
    return any(one["kind"] == "accept" for one in entries)


def _entries(demo: RunningDemo, shipment: dict[str, Any]) -> list[dict[str, Any]]:
    with demo.signed_in(Role.COORDINATOR) as client:
        entries: list[dict[str, Any]] = fetch(client, f"/orders/{shipment['order_code']}/entries")
    return entries


def _open(visitor: Visit, shipment: dict[str, Any]) -> Locator:
    """Open a shipment's page and return its custody once the entries are there."""
    visitor.sign_in(Role.COORDINATOR)
    visitor.open(f"/shipments/{shipment['code']}")
    custody = visitor.page.get_by_role("region", name="Custody", exact=True)
    expect(custody.locator("#entry-1")).to_be_attached()
    return custody


def _entry(custody: Locator, said: dict[str, Any]) -> Locator:
    return custody.locator(f"#entry-{said['order_sequence']}")


def _taken(visitor: Visit, link: Locator, directory: Path) -> Path:
    """Click a link that gives a file, and return where it was saved."""
    with visitor.page.expect_download() as waiting:
        link.click()
    download: Download = waiting.value
    path = directory / download.suggested_filename
    download.save_as(path)
    return path
