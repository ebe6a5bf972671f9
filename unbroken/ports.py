"""Ports on the loopback interface."""

import socket
import time
from collections.abc import Callable

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether we could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(wanted: int = 0, host: str = LOOPBACK) -> int:
    """Return `wanted` if it is free, otherwise some other free port (0: any)."""
    if wanted and is_free(wanted, host):
        return wanted
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether somebody answers on the port."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def wait_until_it_accepts(
    port: int,
    *,
    host: str = LOOPBACK,
    wait_s: float = 10.0,
    while_true: Callable[[], bool] = lambda: True,
) -> bool:
    """Wait for an answer on the port; False when none came in time or while hope lasted.

    Args:
        port: To connect to.
        host: Where it is.
        wait_s: Longest wait, s.
        while_true: Whether waiting still makes sense, such as that the process lives.
    """
    deadline = time.monotonic() + wait_s
    while not accepts(port, host):
        if time.monotonic() > deadline or not while_true():
            return False
        time.sleep(0.01)
    return True
