"""`unbroken bench …`: how much and how well, on this machine."""

from collections.abc import Callable
from typing import Annotated

import typer

from unbroken.exits import Exit, Sentences

bench = typer.Typer(cls=Sentences, help="Measure on this machine.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


@bench.command("detect")
def detect(
    *,
    as_json: AsJson = False,
    shipments: Annotated[int, typer.Option(min=1, help="Size of the fleet.")] = 10_000,
    readings: Annotated[int, typer.Option(min=10, help="Of each shipment.")] = 2_500,
    repeat: Annotated[int, typer.Option(min=1, help="Runs; the median counts.")] = 5,
) -> None:
    """Readings a second judged by one core, checked against a Polars query."""
    from unbroken.bench.detect import run

    _measure(lambda: run(json=as_json, shipments=shipments, readings=readings, repeat=repeat))


@bench.command("ingest")
def ingest(
    *,
    as_json: AsJson = False,
    shipments: Annotated[int, typer.Option(min=1, help="Loggers that publish.")] = 10_000,
    many: Annotated[int, typer.Option(min=1, help="Messages of 60 readings.")] = 12_000,
    single: Annotated[int, typer.Option(min=1, help="Messages of one reading.")] = 200_000,
) -> None:
    """Readings a second from the broker to the database, nothing lost."""
    from unbroken.bench.ingest import run

    _measure(lambda: run(json=as_json, shipments=shipments, many=many, single=single))


@bench.command("ledger")
def ledger(
    *,
    as_json: AsJson = False,
    entries: Annotated[int, typer.Option(min=1_000, help="Of the log audited.")] = 1_000_000,
) -> None:
    """Statements recorded a second; seconds to audit a million, beside bare cryptography."""
    from unbroken.bench.ledger import run

    _measure(lambda: run(json=as_json, entries=entries))


def _measure(run: Callable[[], object]) -> None:
    """Run a measurement; one whose result is wrong is found something, not a crash."""
    try:
        run()
    except AssertionError as error:
        typer.echo(f"The result is wrong: {error}", err=True)
        raise typer.Exit(Exit.FOUND_SOMETHING) from error
