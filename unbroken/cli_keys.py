"""`unbroken keys …`: signing keys, and who may let them in and out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from schemas.errors import ConfigurationError, LedgerCorrupt
from unbroken.exits import Sentences, read_settings

if TYPE_CHECKING:
    from unbroken.key_register import KeyRegister
    from unbroken.key_statements import Holder

keys = typer.Typer(cls=Sentences, help="Keys that sign.", no_args_is_help=True)

Url = Annotated[
    str | None,
    typer.Option(help="Of an API, with a token in UNBROKEN_TOKEN; else the database here."),
]
KeyFile = Annotated[Path, typer.Option("--key", help="File of the private key.", metavar="FILE")]
By = Annotated[
    list[Path],
    typer.Option("--by", help="Private key of an approver; give two.", metavar="FILE"),
]
_PARTS = 3


@keys.command("new")
def new(
    out: Annotated[Path, typer.Option(help="A new file; only you may read it.", metavar="FILE")],
) -> None:
    """Make a key for a person or a device."""
    from custody.key_file import new_key, save_key

    pair = new_key()
    save_key(out, pair)
    typer.echo(f"Key id {pair.key_id}")
    typer.echo(f"Public {pair.public.hex()}")


@keys.command("found")
def found(
    approver: Annotated[
        list[str],
        typer.Option(help="Who may let keys in and out; two or more.", metavar="USER:NAME:FILE"),
    ],
    *,
    notary: Annotated[
        bool, typer.Option("--notary", help="Let in the notary's key as well, as it lies here.")
    ] = False,
    url: Url = None,
) -> None:
    """Begin: name the people who let keys in and out. Once in the life of a log."""
    from unbroken.key_statements import founding, notary_holder

    holders = [_holder(words) for words in approver]
    others = [notary_holder(read_settings())] if notary else []
    with _register(url) as register:
        envelope = founding(register.head(), holders, others, datetime.now(UTC))
        typer.echo(register.send(envelope))


@keys.command("enrol")
def enrol(
    key: KeyFile,
    user: Annotated[str, typer.Option(help="User name.")],
    name: Annotated[str, typer.Option(help="Printed under signatures.")],
    by: By,
    *,
    party: Annotated[str | None, typer.Option(help="Party that they sign for.")] = None,
    approver: Annotated[bool, typer.Option("--approver", help="May let keys in and out.")] = False,
    url: Url = None,
) -> None:
    """Let a key in: its holder and two approvers sign."""
    from custody.key_file import load_key
    from unbroken.key_statements import Holder, enrolment

    holder = Holder(user=user, name=name, party=party, pair=load_key(key))
    with _register(url) as register:
        envelope = enrolment(
            register.head(),
            holder.as_key(approver=approver),
            holder,
            _approvers(register, by),
            datetime.now(UTC),
        )
        typer.echo(register.send(envelope))


@keys.command("revoke")
def revoke(
    key_id: Annotated[list[str], typer.Argument(help="Ids of keys.", metavar="KEY_ID")],
    reason: Annotated[str, typer.Option(help="Why.")],
    by: By,
    *,
    suspect_since: Annotated[
        datetime | None, typer.Option(help="Since when others may have had it, in UTC.")
    ] = None,
    url: Url = None,
) -> None:
    """Let keys out: from now on they count no more. Two approvers sign."""
    from unbroken.key_statements import revocation

    since = None if suspect_since is None else suspect_since.replace(tzinfo=UTC)
    with _register(url) as register:
        envelope = revocation(
            register.head(),
            key_id,
            _approvers(register, by),
            datetime.now(UTC),
            reason=reason,
            suspect_since=since,
        )
        typer.echo(register.send(envelope))


@keys.command("approve")
def approve(
    statement_id: Annotated[str, typer.Argument(help="Of a statement that waits.")],
    by: By,
    url: Url = None,
) -> None:
    """Sign a statement that waits for you, such as somebody's wish to have a key let in."""
    from custody.key_file import load_key
    from custody.ledger import read_payload
    from unbroken.key_statements import sign

    with _register(url) as register:
        said = read_payload(register.waiting(statement_id))
        typer.echo(register.send(sign(said, [load_key(path) for path in by])))


@keys.command("list")
def list_(url: Url = None) -> None:
    """List every key that was ever enrolled."""
    with _register(url) as register:
        for row in register.rows():
            revoked = row["revoked_index"]
            until = "" if revoked is None else f", revoked at {revoked}"
            role = ", approver" if row["approver"] else ""
            typer.echo(
                f"{row['key']}  {row['user']} ({row['name']}), {row['party'] or 'no party'}{role}, "
                f"enrolled at {row['enrolled_index']}{until}"
            )


@keys.command("sign")
def sign_statement(
    statement: Annotated[Path, typer.Argument(help="Its JSON.", metavar="STATEMENT.json")],
    key: KeyFile,
) -> None:
    """Print the envelope of a statement with the signature of one key."""
    from custody.canonical import encode
    from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE, Envelope, parse_payload
    from custody.key_file import load_key
    from unbroken.key_statements import sign

    try:
        document = json.loads(statement.read_bytes())
        kind = KEY_STATEMENT_TYPE if "keys" in document else STATEMENT_TYPE
        said = parse_payload(Envelope(payload_type=kind, payload=encode(document)))
    except (OSError, ValueError, TypeError, LedgerCorrupt) as error:
        message = f"{statement} holds no statement: {error}"
        raise ConfigurationError(message) from error
    typer.echo(json.dumps(sign(said, [load_key(key)]).to_json()))


@contextmanager
def _register(url: str | None) -> Iterator["KeyRegister"]:
    from unbroken.key_register import open_register

    with open_register(read_settings(), url) as register:
        try:
            yield register
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            message = f"This is no statement about keys: {place} {first['msg']}.".replace("  ", " ")
            raise ConfigurationError(message) from error


def _holder(words: str) -> "Holder":
    from custody.key_file import load_key
    from unbroken.key_statements import Holder

    parts = words.split(":", maxsplit=_PARTS - 1)
    if len(parts) < _PARTS:
        message = f"{words!r}: write USER:NAME:FILE, for example ruth:Ruth Adeyemi:ruth.pem."
        raise ConfigurationError(message)
    user, name, file = parts
    return Holder(user=user, name=name, pair=load_key(Path(file)))


def _approvers(register: "KeyRegister", files: list[Path]) -> "list[Holder]":
    from custody.key_file import load_key
    from unbroken.key_statements import Holder

    rows = {row["key"]: row for row in register.rows()}
    found = []
    for path in files:
        pair = load_key(path)
        if pair.key_id not in rows:
            raise ConfigurationError(f"The key of {path} is not enrolled, so it cannot approve.")
        row = rows[pair.key_id]
        found.append(Holder(user=row["user"], name=row["name"], party=row["party"], pair=pair))
    return found
