"""`unbroken notary` and `unbroken log`: the log's signatures."""

from datetime import UTC, datetime

import typer

from unbroken.exits import Sentences, read_settings

log = typer.Typer(
    cls=Sentences,
    no_args_is_help=True,
    help="The custody log's key and timestamps. See docs/notary.md.",
)


def notary() -> None:
    """Sign checkpoints of the custody log and have them witnessed, until ended."""
    from unbroken.services import serve_notary

    serve_notary(read_settings())


@log.command("vkey")
def vkey() -> None:
    """Print the log's verifier key, for policies and witnesses."""
    from custody.second_place import SecondPlace, log_vkey, second_place_dir
    from store.database import open_engine, transaction
    from store.ledger import get_origin
    from unbroken.reach_database import reachable_database

    settings = read_settings()
    pair = SecondPlace(second_place_dir(settings)).load_key()
    with reachable_database(settings) as url:
        engine = open_engine(url)
        try:
            with transaction(engine) as session:
                origin = get_origin(session)
        finally:
            engine.dispose()
    typer.echo(log_vkey(origin, pair).to_text())


@log.command("timestamp")
def timestamp() -> None:
    """Have the last checkpoint timestamped now, by the authority of UNBROKEN_TIMESTAMP_URL."""
    import httpx

    from custody.timestamps import Stamper
    from schemas.errors import ConfigurationError, NotFound
    from store.database import open_engine
    from unbroken.reach_database import reachable_database

    settings = read_settings()
    if settings.timestamp_url is None:
        raise ConfigurationError("Set UNBROKEN_TIMESTAMP_URL to an RFC 3161 authority.")
    with reachable_database(settings) as url, httpx.Client() as client:
        engine = open_engine(url)
        try:
            stamp = Stamper(settings.timestamp_url, client).stamp(engine, datetime.now(UTC))
        except httpx.HTTPError as error:
            raise ConfigurationError(
                f"The timestamp authority does not answer: {error}."
            ) from error
        finally:
            engine.dispose()
    if stamp is None:
        raise NotFound("checkpoint", "of this log")
    typer.echo(f"Checkpoint {stamp.size} is timestamped.")
