"""The command line, as a table of contents. Commands import what they need when they run."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from schemas.settings import Settings
from unbroken import (
    cli_access,
    cli_audit,
    cli_checks,
    cli_keys,
    cli_measure,
    cli_notary,
    cli_simulate,
    cli_verify,
    cli_witness,
)
from unbroken.exits import Sentences, read_settings

app = typer.Typer(
    cls=Sentences,
    name="unbroken",
    help="Cold-chain and chain-of-custody tracker for cell and gene therapies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_access.account, name="account")
app.add_typer(cli_access.token, name="token")
app.add_typer(cli_measure.bench, name="bench")
app.add_typer(cli_keys.keys, name="keys")
app.add_typer(cli_notary.log, name="log")
app.add_typer(cli_witness.witness, name="witness")
app.command("audit")(cli_audit.audit)
app.command("doctor")(cli_checks.doctor)
app.command("notary")(cli_notary.notary)
app.command("simulate")(cli_simulate.simulate)
app.command("verify")(cli_verify.verify)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where its data lies; as UNBROKEN_DATA_DIR.", metavar="DIR"),
]


@app.command("demo")
def demonstrate(
    *,
    data_dir: DataDir = None,
    shipments: cli_simulate.Shipments = 40,
    speed: cli_simulate.Speed = 30.0,
    seed: cli_simulate.Seed = 7,
    mishaps: cli_simulate.Mishaps = True,
) -> None:
    """Run everything here with simulated shipments, and one account for each role."""
    from unbroken.demo import Demo
    from unbroken.supervisor import run

    demo = Demo(shipments=shipments, speed=speed, seed=seed, mishaps=mishaps)
    run(_settings(data_dir), demo=demo, say=_say)


@app.command()
def up(data_dir: DataDir = None) -> None:
    """Run everything here, for real loggers. Uses your database and broker if set."""
    from unbroken.supervisor import run

    run(_settings(data_dir), say=_say)


@app.command()
def ingest() -> None:
    """Take readings from the broker into the database, until ended."""
    from unbroken.services import serve_ingest

    serve_ingest(read_settings())


@app.command()
def api() -> None:
    """Serve the API and the dashboard, until ended."""
    from unbroken.services import serve_api

    serve_api(read_settings())


@app.command()
def migrate() -> None:
    """Bring the database's tables and therapy profiles to this version."""
    from unbroken.reach_database import bring_up_to_date, reachable_database

    settings = read_settings()
    with reachable_database(settings) as url:
        bring_up_to_date(url)
    typer.echo("Tables and therapy profiles are those of this version.")


def _settings(data_dir: Path | None) -> Settings:
    settings = read_settings()
    return settings if data_dir is None else settings.model_copy(update={"data_dir": data_dir})


def _say(sentence: str) -> None:
    with suppress(BrokenPipeError):  # nobody reads any more, as after `| head`
        print(sentence, flush=True)
