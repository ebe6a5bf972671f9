"""`unbroken witness`: cosign the checkpoints of other people's logs."""

from pathlib import Path
from typing import Annotated

import typer

from unbroken.exits import Sentences

witness = typer.Typer(
    cls=Sentences,
    invoke_without_command=True,
    help="Cosign the checkpoints of logs, so that none can show two pasts. See docs/witness.md.",
)

Folder = Annotated[
    Path, typer.Option("--data", help="The witness's own folder: its key, and what it cosigned.")
]
_FOLDER = Path("witness")


@witness.callback()
def run(
    context: typer.Context,
    *,
    name: Annotated[
        str | None, typer.Option(help="Name of a new witness, for example witness.example.org/w1.")
    ] = None,
    data: Folder = _FOLDER,
    log: Annotated[
        list[str] | None, typer.Option(help="Key of a log to witness; once for each log.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0: a free one.")] = 8790,
) -> None:
    """Serve the witness until ended. The first start makes its key."""
    if context.invoked_subcommand is not None:
        return
    from api.witness_app import create_witness_app, listen, witness_server
    from custody.witness import trusted_logs
    from custody.witness_book import open_witness
    from schemas.errors import ConfigurationError

    logs = trusted_logs(log or [])
    if not logs:
        raise ConfigurationError("Name at least one log: --log and the key that it publishes.")
    known, book = open_witness(data, name, logs)
    try:
        with listen(host, port) as listening:
            print(known.key.to_text(), flush=True)
            print(f"Listening on {_url(host, listening.getsockname()[1])}", flush=True)
            witness_server(create_witness_app(known, book)).run(sockets=[listening])
    finally:
        book.close()


@witness.command("vkey")
def vkey(data: Folder = _FOLDER) -> None:
    """Print the key that others put into their policy."""
    from custody.witness_book import BOOK, open_witness
    from schemas.errors import ConfigurationError

    if not (data / BOOK).exists():
        raise ConfigurationError(f"There is no witness in {data}; --data names its folder.")
    known, book = open_witness(data, None, {})
    book.close()
    typer.echo(known.key.to_text())


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
