"""People sign with keys that their browsers made, and anybody can check it afterwards."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from custody.envelope import EnvelopeView, envelope_of
from custody.ledger import read_payload
from custody.policy import parse_policy
from custody.verify import verify
from schemas.roles import Role
from store.database import open_engine
from tests.support.browser import LAPTOP, PHONE, Size, Theme, Visit
from tests.support.demo import House, fetch
from tests.support.offered_order import (
    APPROVERS,
    TRIES,
    approvers,
    enrolled,
    offer,
    plan_order,
    put,
)
from tests.support.processes import wait_until
from unbroken.accounts import add_account
from unbroken.key_statements import sign

pytestmark = pytest.mark.e2e

Visitors = Callable[[Size, Theme], Visit]
SECOND = ("second.pharmacist", "Second Pharmacist", "pass-word-for-tests")


def test_a_pharmacist_signs_with_a_key_of_the_browser_and_anybody_can_check_it(
    visitor: Visit, house: House
) -> None:
    with house.demo.signed_in(Role.PHARMACIST) as client:
        shipment, order = _offered(house, client)
        name = fetch(client, "/session")["display_name"]
        visitor.sign_in(Role.PHARMACIST)
        _enrol_in_browser(visitor, house, client)
        page = visitor.page

        _start(visitor, shipment, "Inspect")
        page.get_by_label("Seals").fill("99-NOT-IT")
        page.get_by_role("textbox", name="Remarks").fill("I looked at it in a test.")
        page.get_by_role("button", name="Look it over").click()
        expect(page.get_by_role("dialog")).to_contain_text("I looked at it in a test.")
        assert visitor.barriers() == []
        page.get_by_role("button", name=f"Sign as {name}").click()

        index = _recorded(page)
        entry = _entry(client, order, index)
        assert (entry["kind"], entry["signer_name"]) == ("inspect", name)
        assert entry["seals"] == ["99-NOT-IT"]
        _expect_proven(house, client, order, index)


def test_two_people_accept_what_is_offered_to_them(
    visitors: Visitors, house: House, screenshots: Path
) -> None:
    with house.demo.signed_in(Role.PHARMACIST) as client:
        pharmacist = fetch(client, "/session")
        shipment, order = _offered(house, client)
        first, second = visitors(LAPTOP, "light"), visitors(PHONE, "light")
        first.sign_in(Role.PHARMACIST)
        _enrol_in_browser(first, house, client)
        with _second_person(house, second, pharmacist) as other:
            _enrol_in_browser(second, house, other)

        _start(first, shipment, "Accept")
        _answer_yes(first.page)
        first.page.get_by_label("Second person").select_option(label=SECOND[1])
        first.page.screenshot(path=screenshots / "sign-accept.png")
        first.page.get_by_role("button", name="Look it over").click()
        first.page.get_by_role("button", name="Sign as").click()
        expect(first.page.get_by_text(f"Waiting for the signature of {SECOND[1]}.")).to_be_visible()

        second.open("/my-key")
        expect(second.page.get_by_role("heading", name="Waiting for your")).to_be_visible()
        expect(second.page.get_by_text("signs as the second person")).to_be_visible()
        second.page.screenshot(path=screenshots / "sign-second-phone.png", full_page=True)
        assert second.barriers() == []
        second.page.get_by_role("button", name=f"Sign as {SECOND[1]}").click()

        index = _recorded(second.page)
        signers = _entry(client, order, index)["signers"]
        assert [(one["name"], one["role"]) for one in signers] == [
            (pharmacist["display_name"], "confirmer"),
            (SECOND[1], "verifier"),
        ]
        assert fetch(client, f"/orders/{order}/custody")["holder"] == pharmacist["party_id"]
        _expect_proven(house, client, order, index)


def test_what_cannot_be_sent_is_kept_and_sent_when_the_server_is_back(
    visitor: Visit, house: House
) -> None:
    with house.demo.signed_in(Role.PHARMACIST) as client:
        shipment, order = _offered(house, client)
        visitor.sign_in(Role.PHARMACIST)
        _enrol_in_browser(visitor, house, client)
        page = visitor.page
        _start(visitor, shipment, "Inspect")
        page.get_by_role("textbox", name="Remarks").fill("Signed while nobody answered.")
        page.get_by_role("button", name="Look it over").click()
        refused = "**/api/v1/statements/*"
        page.route(refused, lambda route: route.abort())
        page.get_by_role("button", name="Sign as").click()
        expect(page.get_by_text("Signed, not sent yet")).to_be_visible()
        page.unroute(refused)

        visitor.open("/my-key")

        said = "Signed while nobody answered."
        assert wait_until(
            lambda: any(one["remarks"] == said for one in _entries(client, order)), wait_s=30
        )
        visitor.complaints[:] = [one for one in visitor.complaints if "ERR_FAILED" not in one]


def test_a_browser_that_cannot_sign_says_so(visitor: Visit) -> None:
    visitor.page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    visitor.sign_in(Role.PHARMACIST)

    visitor.open("/my-key")

    expect(visitor.page.get_by_text("This browser cannot sign.")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Make a key")).to_have_count(0)


def _enrol_in_browser(visitor: Visit, house: House, client: httpx.Client) -> None:
    """Make a key, ask for it to be let in, and approve it; again if other keys came between."""
    page = visitor.page
    visitor.open("/my-key")
    for _ in range(TRIES):
        page.get_by_label("First approver").select_option(label=APPROVERS[0])
        page.get_by_label("Second approver").select_option(label=APPROVERS[1])
        page.get_by_role("button", name=re.compile("ask", re.IGNORECASE)).click()
        expect(page.get_by_text("Waiting for approvers")).to_be_visible()
        command = page.get_by_text("unbroken keys approve").first.inner_text()
        if _approve(house, client, command.split()[-1].rstrip(".")):
            expect(page.get_by_text("Enrolled: you can sign")).to_be_visible()
            return
        expect(page.get_by_text("no longer counts")).to_be_visible()
    pytest.fail("other keys were let in all the time")


def _approve(house: House, client: httpx.Client, statement_id: str) -> bool:
    """Sign as the demo's approvers; False when the keys changed since it was asked."""
    view = fetch(client, f"/statements/{statement_id}")["envelope"]
    said = read_payload(envelope_of(EnvelopeView.model_validate(view)))
    pairs = [one.pair for one in approvers(house.data_dir / "demo-keys")]
    return put(client, "key-statements", sign(said, pairs))


def _offered(house: House, client: httpx.Client) -> tuple[str, str]:
    """Return a shipment and its order, which a manufacturer offers to the client's party."""
    receiver = fetch(client, "/session")
    signed_in = house.demo.signed_in
    with signed_in(Role.MANUFACTURER) as maker, signed_in(Role.COORDINATOR) as coordinator:
        holder = enrolled(maker, house.data_dir / "demo-keys")
        sites = fetch(maker, "/sites")
        origin = next(site["gln"] for site in sites if site["party_id"] == holder.party)
        shipment, order = plan_order(coordinator, origin, receiver["site_gln"])
        offer(maker, holder, shipment=shipment, order=order, to=receiver["party_id"])
    return shipment, order


@contextmanager
def _second_person(house: House, visitor: Visit, like: dict[str, Any]) -> Iterator[httpx.Client]:
    """Make a second person of the same pharmacy, sign them in, and yield their client."""
    user, name, password = SECOND
    running = json.loads((house.data_dir / "running.json").read_text(encoding="utf-8"))
    engine = open_engine(running["database_url"])
    place = {"party_id": like["party_id"], "site_gln": like["site_gln"]}
    now = datetime.now(UTC)
    add_account(
        engine, username=user, display_name=name, role=Role.PHARMACIST, password=password,
        now=now, **place,
    )  # fmt: skip
    engine.dispose()
    visitor.open("/sign-in")
    visitor.page.get_by_label("Name").fill(user)
    visitor.page.get_by_label("Password").fill(password)
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page.get_by_role("heading", name="Needs you")).to_be_visible()
    base_url, headers = f"{house.demo.address}/api/v1", {"X-Unbroken-Csrf": "1"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=30) as client:
        client.post("/session", json={"username": user, "password": password}).raise_for_status()
        yield client


def _start(visitor: Visit, shipment: str, what: str) -> None:
    visitor.open(f"/shipments/{shipment}")
    visitor.page.get_by_role("button", name="Sign…").click()
    visitor.page.get_by_label("What do you sign?").select_option(label=what)


def _answer_yes(page: Page) -> None:
    for choice in page.get_by_role("radio", name="Yes").all():
        choice.check(force=True)


def _recorded(page: Page) -> int:
    """Return the index under which the page says that it was recorded."""
    said = page.get_by_text(re.compile(r"Recorded as entry \d+"))
    expect(said).to_be_visible()
    return int(re.findall(r"entry (\d+)", said.inner_text())[0])


def _entries(client: httpx.Client, order: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = fetch(client, f"/orders/{order}/entries")
    return entries


def _entry(client: httpx.Client, order: str, index: int) -> dict[str, Any]:
    return next(one for one in _entries(client, order) if one["index"] == index)


def _expect_proven(house: House, client: httpx.Client, order: str, index: int) -> None:
    """Soon a bundle proves the entry: a checkpoint covers it, and witnesses have seen that."""
    policy = parse_policy((house.data_dir / "witnesses" / "policy.txt").read_bytes())

    def is_proven() -> bool:
        answer = client.get(f"/orders/{order}/bundle")
        if answer.status_code != HTTPStatus.OK or not verify(answer.content, policy).ok:
            return False
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        return f"entries/{index:010d}.json" in names

    assert wait_until(is_proven, wait_s=90)
