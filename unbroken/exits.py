"""How commands end: what is foreseen becomes one sentence and an exit code, never a traceback.

0: good. 1: the command found something wrong. 2: it could not run.
"""

from enum import IntEnum
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from schemas.errors import ColdChainError
from schemas.settings import Settings


class Exit(IntEnum):
    """The exit codes, for scripts."""

    GOOD = 0
    FOUND_SOMETHING = 1
    CANNOT_RUN = 2


_INTERRUPTED = 130
"""What shells expect of a program that Ctrl-C ended."""


class Sentences(TyperGroup):
    """A group of commands whose foreseen errors are sentences on standard error."""

    def invoke(self, ctx: Any) -> object:  # noqa: ANN401 - typer brings its own class
        """Run the command; turn what we foresaw into a sentence and exit code 2."""
        try:
            return super().invoke(ctx)
        except ColdChainError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Exit.CANNOT_RUN) from error
        except KeyboardInterrupt:
            raise typer.Exit(_INTERRUPTED) from None


def read_settings() -> Settings:
    """Return the settings of this environment.

    Exits with a sentence for each setting that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        for one in error.errors():
            name = "UNBROKEN_" + "_".join(str(step) for step in one["loc"]).upper()
            typer.echo(f"{name}={one['input']!r}: {one['msg']}.", err=True)
        raise typer.Exit(Exit.CANNOT_RUN) from error
