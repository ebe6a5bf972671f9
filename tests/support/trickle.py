"""A server that never ends its answer, one byte after the other."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PAUSE_S = 0.05
DEADLINE_S = 10.0


@contextmanager
def trickling(start: bytes) -> Iterator[str]:
    """Yield the address of a server that says `start`, then a byte now and then, for ever."""
    stop = threading.Event()

    def trickle(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(start)
            while not stop.wait(PAUSE_S):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=(listening,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            stop.set()
            thread.join(DEADLINE_S)
