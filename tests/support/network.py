"""No network in unit tests: speed and honesty."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def no_internet_sockets() -> Iterator[None]:
    """Refuse every socket but Unix ones (event loops need those) within the block."""
    make = socket.socket.__init__

    def guarded(self: socket.socket, family: int = -1, *rest: Any, **named: Any) -> None:
        if family != socket.AF_UNIX and named.get("fileno") is None:
            message = "A unit test opened a network socket; use a marker such as pg or broker."
            raise RuntimeError(message)
        make(self, family, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "__init__", guarded)
        yield
