"""The page that checks receipts and bundles: for anybody, with nothing but a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import LAPTOP, PHONE, Size, Theme, Visit
from tests.support.signed_case import SignedLog
from tests.support.signed_walk import signed_log

pytestmark = pytest.mark.e2e

Visitors = Callable[[Size, Theme], Visit]
NO_SIGNATURES = "Object.defineProperty(crypto, 'subtle', { value: undefined })"


@pytest.fixture(scope="module")
def log() -> SignedLog:
    return signed_log(5, orders=1, length=14)


@pytest.mark.parametrize(("size", "theme"), [(LAPTOP, "light"), (LAPTOP, "dark"), (PHONE, "light")])
def test_a_bundle_is_checked_offline_and_without_sign_in(
    visitors: Visitors, log: SignedLog, screenshots: Path, size: Size, theme: Theme
) -> None:
    visitor = visitors(size, theme)
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _open(visitor)
    page.context.set_offline(True)

    _choose(page, log.bundle("A-0"))

    expect(page.get_by_role("heading", name="No fault found")).to_be_focused()
    expect(page.get_by_role("heading", name="Who held it, and when")).to_be_visible()
    assert visitor.barriers() == []
    assert not [url for url in asked if "/api/" in url]
    page.screenshot(path=screenshots / f"verify-{size[0]}-{theme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_receipt_is_proven_once_the_reader_says_whom_to_trust(
    visitor: Visit, log: SignedLog
) -> None:
    _open(visitor)
    _choose(visitor.page, log.receipt(len(log.entries) - 1))
    visitor.page.get_by_text("Whom you trust").click()

    visitor.page.get_by_label("Policy file").set_input_files(
        {"name": "policy.txt", "mimeType": "text/plain", "buffer": log.policy.to_bytes()}
    )

    expect(visitor.page.get_by_role("heading", name="Proven", exact=True).first).to_be_visible()
    assert visitor.barriers() == []


def test_a_changed_byte_is_a_fault_in_words(visitor: Visit, log: SignedLog) -> None:
    data = bytearray(log.bundle("A-0"))
    data[len(data) // 2] ^= 1
    _open(visitor)

    _choose(visitor.page, bytes(data))

    expect(visitor.page.get_by_role("heading", name="Not proven").first).to_be_visible()
    expect(visitor.page.get_by_text("do not rely on it").first).to_be_visible()
    assert visitor.barriers() == []


def test_a_browser_that_cannot_check_signatures_says_so_and_nothing_else(visitor: Visit) -> None:
    visitor.page.add_init_script(NO_SIGNATURES)
    _open(visitor)

    expect(visitor.page.get_by_text("This browser cannot check signatures")).to_be_visible()
    expect(visitor.page.get_by_label("Choose a file")).to_have_count(0)
    assert visitor.barriers() == []


def _open(visitor: Visit) -> None:
    visitor.open("/verify")
    expect(visitor.page.get_by_role("heading", name="Check a receipt")).to_be_visible()


def _choose(page: Page, data: bytes) -> None:
    file = {"name": "file.zip", "mimeType": "application/zip", "buffer": data}
    page.get_by_label("Choose a file").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("heading", name="Eleven steps")).to_be_visible()
