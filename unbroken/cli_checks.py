"""`unbroken doctor`: is all as it should be."""

from typing import Annotated

import typer

from unbroken.exits import Exit, read_settings

AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def doctor(*, as_json: AsJson = False) -> None:
    """Name each missing or unsafe piece, and what to do about it."""
    from unbroken.doctor import diagnose

    diagnosis = diagnose(read_settings())
    if as_json:
        typer.echo(diagnosis.to_json())
    else:
        for line in diagnosis.lines():
            typer.echo(line)
    raise typer.Exit(Exit.GOOD if diagnosis.ok else Exit.FOUND_SOMETHING)
