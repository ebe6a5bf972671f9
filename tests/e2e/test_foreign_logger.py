"""A logger that knows only MQTT 3.1.1 and the format we publish: `mosquitto_pub`."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from schemas.roles import Role
from tests.support.browser import Visit
from tests.support.demo import RunningDemo, fetch
from tests.support.processes import wait_until
from tests.support.services import missing

pytestmark = pytest.mark.e2e

STRANGER = "FOREIGN-1"


@pytest.fixture
def mosquitto_pub(pytestconfig: pytest.Config) -> str:
    program = shutil.which("mosquitto_pub")
    if program is None:
        missing(pytestconfig, "broker", "Install it: apt-get install mosquitto-clients")
    return program


def test_a_foreign_loggers_reading_shows_on_its_shipment(
    visitor: Visit, demo: RunningDemo, mosquitto_pub: str
) -> None:
    with demo.signed_in(Role.COORDINATOR) as client:
        row, serial = _watched(client)
    visitor.sign_in(Role.COORDINATOR)
    visitor.open(f"/shipments/{row['code']}")
    visitor.page.get_by_role("button", name="As a table").click()
    now = datetime.now(UTC).replace(microsecond=0)
    temp_c = round(row["temp_c"]) + 0.4  # near its last one, so that nobody is alarmed

    _publish(mosquitto_pub, demo, serial, _senml(serial, now, temp_c))

    shown = f"{temp_c:.1f}".replace("-", "−")
    line = visitor.page.locator("tr", has_text=f"{now:%H:%M:%S} UTC").filter(has_text=shown)
    expect(line).to_be_visible()


def test_a_broken_message_waits_in_quarantine_until_its_cause_is_mended(
    visitor: Visit, demo: RunningDemo, mosquitto_pub: str
) -> None:
    visitor.sign_in(Role.COORDINATOR)
    page = visitor.page
    page.get_by_role("link", name="Quarantine").first.click()
    expect(page.get_by_role("heading", name="Quarantine", level=1)).to_be_visible()
    now = datetime.now(UTC).replace(microsecond=0)

    _publish(mosquitto_pub, demo, STRANGER, '[{"bn":"FOREIGN-1/","n":"temp","u":"Cel","v":4.')
    _publish(mosquitto_pub, demo, STRANGER, _senml(STRANGER, now, 4.4))

    broken = page.get_by_role("listitem").filter(has_text='"v":4.').filter(has_text="undecodable")
    expect(broken).to_be_visible()
    item = page.get_by_role("listitem").filter(has_text="Unknown logger").filter(has_text="4.4")
    expect(item).to_contain_text(f"No logger '{STRANGER}' is registered")

    with demo.signed_in(Role.ADMINISTRATOR) as client:
        _register(client, STRANGER)
    item.get_by_role("button", name="Replay").click()

    expect(item).to_contain_text("stored")


def _watched(client: httpx.Client) -> tuple[dict[str, Any], str]:
    """Return a shipment under way within its limits, and the serial of its logger."""
    found: list[dict[str, Any]] = []

    def some_within() -> bool:
        rows = fetch(client, "/shipments?state=in_transit")["items"]
        found[:] = [one for one in rows if one["outcome"] == "within" and not one["silent"]]
        return bool(found)

    assert wait_until(some_within, wait_s=60), "no shipment is within its limits"
    row = found[0]
    detail = fetch(client, f"/shipments/{row['code']}")
    return row, detail["loggers"][0]["serial"]


def _register(client: httpx.Client, serial: str) -> None:
    body = {
        "make": "Foreign",
        "accuracy_c": 0.5,
        "calibration_expires_at": "2099-01-01T00:00:00Z",
        "logging_interval_s": 300,
        "upload_interval_s": 900,
    }
    client.put(f"/loggers/{serial}", json=body).raise_for_status()


def _senml(serial: str, at: datetime, temp_c: float) -> str:
    record = {"bn": f"{serial}/", "bt": at.timestamp(), "n": "temp", "u": "Cel", "v": temp_c}
    return json.dumps([record])


def _publish(program: str, demo: RunningDemo, serial: str, payload: str) -> None:
    where = ["-h", "127.0.0.1", "-p", str(demo.mqtt_port), "-V", "mqttv311", "-q", "1"]
    what = ["-t", f"unbroken/v1/{serial}/readings", "-m", payload]
    subprocess.run([program, *where, *what], check=True, timeout=30)
