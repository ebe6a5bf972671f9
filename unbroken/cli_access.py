"""`unbroken account …` and `unbroken token …`: who may come in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.roles import Role
from unbroken.exits import Sentences, read_settings

if TYPE_CHECKING:
    from store.database import Engine

account = typer.Typer(cls=Sentences, help="People who sign in.", no_args_is_help=True)
token = typer.Typer(cls=Sentences, help="Keys for programs.", no_args_is_help=True)

Party = Annotated[str | None, typer.Option(help="Id of the party they belong to.")]
Site = Annotated[str | None, typer.Option(help="GLN of the site they work at.")]


@account.command("add")
def add(
    username: str,
    role: Annotated[Role, typer.Option(help="What they are in the chain.")],
    name: Annotated[str | None, typer.Option(help="Name shown to others.")] = None,
    party: Party = None,
    site: Site = None,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Add a person. Without --password-stdin a password is made and shown once."""
    from unbroken.accounts import add_account

    password = _password(password_stdin=password_stdin)
    with _engine() as engine:
        add_account(
            engine,
            username=username,
            display_name=name or username,
            role=role,
            password=password,
            now=datetime.now(UTC),
            party_id=party,
            site_gln=site,
        )
    typer.echo(f"{username} may sign in as {role.value}.")
    if not password_stdin:
        typer.echo(f"Password, shown this once: {password}")


@account.command("password")
def password(
    username: str,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Give a person another password; it ends their sign-ins everywhere."""
    from unbroken.accounts import set_password

    chosen = _password(password_stdin=password_stdin)
    with _engine() as engine:
        set_password(engine, username, chosen)
    typer.echo(f"The password of {username} is changed.")
    if not password_stdin:
        typer.echo(f"Password, shown this once: {chosen}")


@account.command("disable")
def disable(username: str) -> None:
    """Lock a person out for good. Their entries in the ledger keep their name."""
    from store.database import transaction
    from store.sign_in import disable_account

    with _engine() as engine, transaction(engine) as session:
        disable_account(session, username, datetime.now(UTC))
    typer.echo(f"{username} cannot sign in any more.")


@token.command("add")
def add_token(
    label: str,
    role: Annotated[Role, typer.Option(help="What the program may do.")] = Role.SERVICE,
    party: Party = None,
    site: Site = None,
    days: Annotated[int | None, typer.Option(help="Days it is good for; else for ever.")] = None,
) -> None:
    """Make a key for a program; send it as `Authorization: Bearer …`. It is shown once."""
    from store.database import transaction
    from store.sign_in import create_token

    now = datetime.now(UTC)
    expires_at = None if days is None else now + timedelta(days=days)
    with _engine() as engine, transaction(engine) as session:
        secret = create_token(
            session,
            label=label,
            role=role,
            now=now,
            party_id=party,
            site_gln=site,
            expires_at=expires_at,
        )
    typer.echo(secret)


@token.command("revoke")
def revoke(label: str) -> None:
    """End all keys of this label."""
    from store.database import transaction
    from store.sign_in import revoke_tokens

    with _engine() as engine, transaction(engine) as session:
        number = revoke_tokens(session, label, datetime.now(UTC))
    typer.echo(f"{number} keys of {label} revoked.")


def _password(*, password_stdin: bool) -> str:
    from unbroken.accounts import new_password

    if not password_stdin:
        return new_password()
    typed = typer.get_text_stream("stdin").readline().rstrip("\r\n")
    if not typed:
        raise typer.BadParameter("no password on standard input")
    return typed


@contextmanager
def _engine() -> Iterator["Engine"]:
    from store.database import open_engine
    from unbroken.reach_database import reachable_database

    with reachable_database(read_settings()) as url:
        engine = open_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()
