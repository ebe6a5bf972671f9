"""A cable that can be cut: a TCP proxy in front of a server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Target = tuple[str, int] | Path


class Proxy:
    """Listens on a port of its own and passes bytes to `target` and back, until cut.

    Attributes:
        port: On 127.0.0.1; stays the same over `cut` and `mend`.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._listener: socket.socket | None = None
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Accept connections (again)."""
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept
            listener.close()
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _close(end)
        self._flowing.set()

    def stall(self) -> None:
        """Keep connections open but pass nothing on: a black hole."""
        self._flowing.clear()

    def flow(self) -> None:
        """Pass bytes on again after `stall`."""
        self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = _connect(self._target)
            except OSError:
                _close(client)
                continue
            with self._lock:
                self._ends |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                self._flowing.wait()
                sink.sendall(chunk)
        _close(source)
        _close(sink)
        with self._lock:
            self._ends -= {source, sink}


def _connect(target: Target) -> socket.socket:
    if isinstance(target, Path):
        end = socket.socket(socket.AF_UNIX)
        end.connect(str(target))
        return end
    end = socket.create_connection(target, timeout=5)
    end.settimeout(None)  # the limit was for connecting: a quiet connection is not a broken one
    return end


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def proxy(target: Target) -> Iterator[Proxy]:
    """Yield a proxy to a (host, port) or to a Unix socket, e.g. PostgreSQL's."""
    cable = Proxy(target)
    try:
        yield cable
    finally:
        cable.cut()
