import pytest
from playwright.sync_api import expect

from schemas.roles import Role
from tests.support.browser import Visit
from tests.support.demo import RunningDemo, fetch

pytestmark = pytest.mark.e2e


def test_a_pharmacist_sees_the_shipments_of_the_own_site_only(
    visitor: Visit, demo: RunningDemo
) -> None:
    with demo.signed_in(Role.COORDINATOR) as client:
        everything = {row["code"] for row in fetch(client, "/shipments")["items"]}
    with demo.signed_in(Role.PHARMACIST) as client:
        site = fetch(client, "/session")["site_gln"]
        own = {row["code"]: row for row in fetch(client, "/shipments")["items"]}
    assert own
    assert set(own) < everything
    assert {row["destination"]["gln"] for row in own.values()} == {site}
    foreign = min(everything - set(own))

    visitor.sign_in(Role.PHARMACIST)
    page = visitor.page
    page.get_by_role("link", name="Shipments").first.click()
    expect(page.locator("tr[data-code]").first).to_be_visible()
    shown = {row.get_attribute("data-code") for row in page.locator("tr[data-code]").all()}
    assert foreign not in shown
    assert shown <= everything
    expect(page.get_by_role("link", name="Quarantine")).to_have_count(0)

    visitor.open(f"/shipments/{foreign}")
    expect(page.get_by_text("Not found", exact=True)).to_be_visible()
    expect(page.get_by_text("does not exist, or is not yours to see")).to_be_visible()
