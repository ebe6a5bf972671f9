"""A witness behind a real HTTP server on a free port."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from api.witness_app import create_witness_app, listen, system_clock, witness_server
from custody.witness import Witness
from custody.witness_book import WitnessBook

DEADLINE_S = 10.0


@contextmanager
def served_witness(
    witness: Witness, book: WitnessBook, *, clock: Callable[[], datetime] = system_clock
) -> Iterator[str]:
    """Yield the address of a witness that is served until the end of the block."""
    server = witness_server(create_witness_app(witness, book, clock=clock))
    with listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(DEADLINE_S)
            assert not thread.is_alive()
