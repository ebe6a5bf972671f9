from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.settings import Settings
from tests.support.services import missing
from unbroken.doctor_broker import examine_broker
from unbroken.embedded_broker import EmbeddedBroker
from unbroken.finding import Level
from unbroken.mosquitto import Mosquitto, mosquitto, mosquitto_program
from unbroken.ports import free_port

pytestmark = pytest.mark.broker


@pytest.fixture
def careless_broker(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Mosquitto]:
    """Return a Mosquitto whose queue is at its default."""
    program = mosquitto_program()
    if program is None:
        missing(pytestconfig, "broker", "Install Mosquitto: apt-get install mosquitto")
    with mosquitto(program, tmp_path, {"max_queued_messages": "1000"}) as broker:
        yield broker


def _levels(url: str | None) -> dict[str, Level]:
    return {one.id: one.level for one in examine_broker(Settings(mqtt_url=url))}


def test_a_broker_set_up_as_advised_loses_nothing(broker: Mosquitto) -> None:
    levels = _levels(broker.url)

    assert levels["broker-queue"] is Level.OK
    assert levels["broker-session"] is Level.OK
    assert Level.ERROR not in levels.values()


def test_an_open_broker_is_a_warning(broker: Mosquitto) -> None:
    assert _levels(broker.url)["broker-anonymous"] is Level.WARNING


def test_a_queue_that_drops_is_an_error(careless_broker: Mosquitto) -> None:
    assert _levels(careless_broker.url)["broker-queue"] is Level.ERROR


def test_the_doctor_leaves_no_session_behind(broker: Mosquitto) -> None:
    first = _levels(broker.url)

    assert _levels(broker.url) == first


def test_a_broker_out_of_reach_is_an_error() -> None:
    assert _levels(f"mqtt://127.0.0.1:{free_port()}") == {"broker-reachable": Level.ERROR}


def test_the_embedded_broker_is_named_for_what_it_is(embedded_broker: EmbeddedBroker) -> None:
    assert _levels(None) == {"broker-embedded": Level.WARNING}
    assert _levels(embedded_broker.url)["broker-version"] is Level.NOTE
