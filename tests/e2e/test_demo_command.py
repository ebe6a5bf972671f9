import time
from http import HTTPStatus

import httpx
import pytest

from custody.policy import parse_policy
from custody.verify import verify
from schemas.roles import Role
from tests.support.demo import House, RunningDemo, fetch
from tests.support.processes import wait_until

pytestmark = pytest.mark.e2e

SECONDS = 30.0


def test_taken_ports_are_said_and_others_taken(house: House, demo: RunningDemo) -> None:
    http, mqtt = house.taken

    demo.command.wait_for(f"Port {http} is taken; the dashboard is on ")
    demo.command.wait_for(f"Port {mqtt} is taken; the MQTT broker listens on ")


def test_each_role_is_greeted_with_an_account_that_works(demo: RunningDemo) -> None:
    people = set(Role) - {Role.LOGGER, Role.SERVICE}

    assert set(demo.passwords) == {role.value for role in people}
    for role in sorted(people):
        with demo.signed_in(role) as client:
            assert fetch(client, "/session")["role"] == role.value


def test_the_ledger_is_signed_witnessed_and_can_be_checked(house: House) -> None:
    policy = parse_policy((house.data_dir / "witnesses" / "policy.txt").read_bytes())
    with house.demo.signed_in(Role.COORDINATOR) as client:

        def is_proven() -> bool:
            """Soon: what was said last has no checkpoint yet, or is on its way to witnesses."""
            orders = fetch(client, "/orders")
            if not orders:
                return False
            answer = client.get(f"/orders/{orders[0]['code']}/bundle")
            return answer.status_code == HTTPStatus.OK and verify(answer.content, policy).ok

        assert wait_until(is_proven, wait_s=90)


def test_a_second_run_starts_in_seconds_and_keeps_its_data(house: House) -> None:
    with house.demo.signed_in(Role.COORDINATOR) as client:
        assert wait_until(lambda: len(_last_readings(client)) > 0, wait_s=90)
        shipments, entries = _codes(client), fetch(client, "/ledger")["size"]
    passwords = house.demo.passwords

    house.demo.end()
    began = time.monotonic()
    demo = house.start_again()

    assert time.monotonic() - began < SECONDS
    assert demo.passwords == passwords
    with demo.signed_in(Role.COORDINATOR) as client:
        assert shipments <= _codes(client)
        assert fetch(client, "/ledger")["size"] >= entries
        before = _last_readings(client)
        assert wait_until(lambda: before.items() != _last_readings(client).items(), wait_s=60)


def _codes(client: httpx.Client) -> set[str]:
    return {row["code"] for row in fetch(client, "/board")["shipments"]}


def _last_readings(client: httpx.Client) -> dict[str, str]:
    rows = fetch(client, "/board")["shipments"]
    return {row["code"]: row["temp_at"] for row in rows if row["temp_at"] is not None}
