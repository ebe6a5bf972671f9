"""`unbroken audit`: is the custody ledger what was recorded and signed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unbroken.exits import Exit, read_settings

if TYPE_CHECKING:
    from custody.findings import AuditReport

AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]
OnlyNew = Annotated[
    bool,
    typer.Option("--new", help="Only what was recorded since the last audit that found nothing."),
]
Heads = Annotated[
    list[Path] | None,
    typer.Option(
        "--head",
        metavar="FILE",
        help="A signed checkpoint that others kept: a witness, a phone, a paper. Repeatable.",
    ),
]
STATE = "audit.json"
"""Where the last audit that found nothing ended: a file in the log's second place."""


def audit(*, as_json: AsJson = False, new: OnlyNew = False, head: Heads = None) -> None:
    """Read the whole custody ledger again and say whether it is what was recorded and signed."""
    from custody.audit import audit as audit_ledger
    from custody.audit_state import parse_audit_state
    from custody.audit_trust import gather_trust
    from custody.second_place import second_place_dir
    from store.database import open_engine, transaction
    from store.ledger import get_origin
    from unbroken.data_dir import write_private
    from unbroken.reach_database import reachable_database

    settings = read_settings()
    state = second_place_dir(settings).expanduser().absolute() / STATE
    since = parse_audit_state(state.read_text(encoding="utf-8")) if new and state.exists() else None
    with reachable_database(settings) as url:
        engine = open_engine(url)
        try:
            with transaction(engine) as session:
                origin = get_origin(session)
            trust = gather_trust(settings, origin, head or ())
            with transaction(engine) as session:
                report = audit_ledger(session, trust, since)
        finally:
            engine.dispose()
    if report.ok and state.parent.is_dir():
        write_private(state, report.state.to_text())
    typer.echo(report.to_json() if as_json else "\n".join(_lines(report)))
    raise typer.Exit(Exit.GOOD if report.ok else Exit.FOUND_SOMETHING)


def _lines(report: "AuditReport") -> Iterator[str]:
    yield report.sentence
    for finding in report.findings:
        yield f"  at index {finding.index}: {finding.sentence}"
    for note in report.notes:
        yield f"  note, index {note.index}: {note.sentence}"
