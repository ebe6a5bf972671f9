"""Decode the next batch while the one before it is being stored."""

import logging
import threading
from collections.abc import Callable, Iterator
from queue import Queue

from ingest.decode import Decoded
from ingest.kill_points import reached
from ingest.message import Message

logger = logging.getLogger(__name__)

Batch = tuple[list[Message], Decoded | None]


def decoded_ahead(
    batches: Iterator[list[Message]], decode: Callable[[list[Message]], Decoded]
) -> Iterator[Batch]:
    """Yield each batch with its readings, in order, at most one decoded ahead.

    Decoding is Python's work and storing the database's: on two cores they overlap. A batch that
    `decode` fails on comes without readings: whoever stores it decodes it again, in parts.

    Raises:
        Exception: Whatever the source raised, where it would have been yielded.
    """
    ready: Queue[Batch | BaseException | None] = Queue(maxsize=1)

    def work() -> None:
        try:
            for batch in batches:
                reached("ingest.after_recv")
                decoded = _decoded(batch, decode)
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


def _decoded(batch: list[Message], decode: Callable[[list[Message]], Decoded]) -> Decoded | None:
    try:
        return decode(batch)
    except Exception as error:  # noqa: BLE001 - told with its traceback where it is found
        logger.warning("a batch is decoded again in parts", extra={"error": repr(error)})
        return None
