"""Decode the next batch while the one before it is being stored."""

import threading
from collections.abc import Callable, Iterator
from queue import Queue

from ingest.decode import Decoded
from ingest.kill_points import reached
from ingest.message import Message

Batch = tuple[list[Message], Decoded]


def decoded_ahead(
    batches: Iterator[list[Message]], decode: Callable[[list[Message]], Decoded]
) -> Iterator[Batch]:
    """Yield each batch with its readings, in order, at most one decoded ahead.

    Decoding is Python's work and storing the database's: on two cores they overlap.

    Raises:
        Exception: Whatever `decode` or the source raised, where it would have been yielded.
    """
    ready: Queue[Batch | BaseException | None] = Queue(maxsize=1)

    def work() -> None:
        try:
            for batch in batches:
                reached("ingest.after_recv")
                decoded = decode(batch)
                reached("ingest.after_decode")
                ready.put((batch, decoded))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that stores
            ready.put(error)
        else:
            ready.put(None)

    threading.Thread(target=work, name="decode", daemon=True).start()
    while (found := ready.get()) is not None:
        if isinstance(found, BaseException):
            raise found
        yield found
