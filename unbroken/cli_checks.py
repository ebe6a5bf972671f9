"""`unbroken audit` and `unbroken doctor`: is all as it should be."""

from typing import Annotated

import typer

from unbroken.exits import Exit, read_settings

AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def audit(*, as_json: AsJson = False) -> None:
    """Read the whole custody ledger again and say whether it is what was recorded."""
    from custody.audit import audit as audit_ledger
    from store.database import open_engine, transaction
    from unbroken.reach_database import reachable_database

    with reachable_database(read_settings()) as url:
        engine = open_engine(url)
        try:
            with transaction(engine) as session:
                report = audit_ledger(session)
        finally:
            engine.dispose()
    if as_json:
        typer.echo(report.to_json())
    else:
        typer.echo(report.sentence)
        for finding in report.findings:
            typer.echo(f"  at index {finding.index}: {finding.sentence}")
    raise typer.Exit(Exit.GOOD if report.ok else Exit.FOUND_SOMETHING)


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
