"""`unbroken verify`: check a receipt or a bundle, with no database, no network and no account."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import ConfigurationError, LedgerCorrupt
from unbroken.exits import Exit

if TYPE_CHECKING:
    from custody.policy import Policy

File = Annotated[Path, typer.Argument(help="A receipt or a bundle.", metavar="FILE")]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="Whom you trust: a C2SP policy file.", metavar="FILE"),
]
LogKey = Annotated[
    str | None,
    typer.Option("--log", help="The log's verifier key, as you got it elsewhere.", metavar="VKEY"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]


def verify(
    file: File, *, policy: PolicyFile = None, log: LogKey = None, as_json: AsJson = False
) -> None:
    """Check a receipt or a bundle, offline: 0 no fault, 1 faults, 2 it could not be tried."""
    from custody.verify import verify as verify_file
    from unbroken.verify_words import lines_of

    found = verify_file(_read(file), _trusted(policy, log))
    if as_json:
        typer.echo(found.to_json())
    else:
        for line in lines_of(found):
            typer.echo(line)
    raise typer.Exit(Exit.GOOD if found.ok else Exit.FOUND_SOMETHING)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise ConfigurationError(message) from error


def _trusted(policy_file: Path | None, log: str | None) -> "Policy | None":
    """Return whom the reader trusts; None if nobody is named.

    A key given by `--log` takes the place of the logs of the policy.
    """
    from custody.note import parse_vkey
    from custody.policy import Known, Policy, parse_policy

    policy = None if policy_file is None else parse_policy(_read(policy_file))
    if log is None:
        return policy
    try:
        known = Known(key=parse_vkey(log))
    except LedgerCorrupt as error:
        message = f"--log {log}: {error}"
        raise ConfigurationError(message) from error
    return replace(policy or Policy(), logs=(known,))
