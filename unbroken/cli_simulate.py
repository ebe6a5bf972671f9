"""`unbroken simulate`: shipments that move, measure and are handed over, seen from outside."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from unbroken.exits import read_settings

Shipments = Annotated[int, typer.Option(min=1, help="How many under way at a time.")]
Speed = Annotated[float, typer.Option(min=0.1, help="World seconds in a real second.")]
Seed = Annotated[int, typer.Option(help="The same seed makes the same fleet.")]
Mishaps = Annotated[bool, typer.Option(help="Whether things go wrong.")]
Connections = Annotated[int, typer.Option(min=0, help="MQTT connections; 0 for one a logger.")]


class MqttProtocol(StrEnum):
    """Version of MQTT that the simulated loggers speak."""

    V311 = "3.1.1"
    V5 = "5"


Protocol = Annotated[MqttProtocol, typer.Option("--mqtt-protocol", help="Version of MQTT.")]
_LEVELS = {MqttProtocol.V311: 4, MqttProtocol.V5: 5}


def simulate(
    *,
    api_url: Annotated[str, typer.Option(envvar="UNBROKEN_API_URL", help="Of the API.")],
    token: Annotated[
        str,
        typer.Option(envvar="UNBROKEN_TOKEN", help="Key of a service; better in the variable."),
    ],
    mqtt_url: Annotated[str, typer.Option(envvar="UNBROKEN_MQTT_URL", help="Of the broker.")],
    shipments: Shipments = 40,
    speed: Speed = 30.0,
    seed: Seed = 7,
    mishaps: Mishaps = True,
    connections: Connections = 2,
    mqtt_protocol: Protocol = MqttProtocol.V311,
    journal: Annotated[
        Path | None, typer.Option(help="File for what the broker acknowledged.")
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="File for what really happened.")] = None,
    approvers: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the private keys (*.pem) of two approvers, who let the simulated "
            "desks' keys in; without it nothing is said about custody.",
        ),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="File to resume from.")] = None,
) -> None:
    """Send simulated shipments and readings to a running system, until ended."""
    from simulator.run import SimulationSettings
    from simulator.run import simulate as run
    from unbroken.services import log_to_stderr
    from unbroken.signals import told_to_stop

    log_to_stderr(read_settings())
    with told_to_stop() as stop:
        run(
            SimulationSettings(
                api_url=api_url,
                token=token,
                mqtt_url=mqtt_url,
                seed=seed,
                shipments=shipments,
                speed=speed,
                mishaps=mishaps,
                connections=connections,
                protocol=_LEVELS[mqtt_protocol],
                journal_path=journal,
                labels_path=labels,
                approvers_path=approvers,
                state_path=state,
            ),
            stop,
        )
