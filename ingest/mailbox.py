"""The bounded mailbox between the network thread and the pipeline."""

import threading
from collections import deque
from collections.abc import Iterator

from ingest.message import Message


class Mailbox:
    """Holds messages between arrival and commit, within a number and a budget of bytes.

    A full mailbox makes `put` wait: the network thread stops reading and TCP pushes back, which is
    the only back-pressure that every broker obeys.
    """

    def __init__(
        self, *, messages: int, budget_bytes: int, batch_messages: int, batch_bytes: int
    ) -> None:
        self._messages, self._budget = messages, budget_bytes
        self._batch_messages, self._batch_bytes = batch_messages, batch_bytes
        self._waiting: deque[Message] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, message: Message) -> None:
        """Take a message; wait while the mailbox is full.

        Once closed, messages are not taken: they were never acknowledged and come again.
        """
        with self._changed:
            while not self._closed and self._is_full():
                self._changed.wait()
            if self._closed:
                return
            self._waiting.append(message)
            self._bytes += len(message.payload)
            if len(self._waiting) == 1:
                self._changed.notify_all()

    def _is_full(self) -> bool:
        return len(self._waiting) >= self._messages or (
            self._bytes >= self._budget and len(self._waiting) > 0
        )

    def close(self) -> None:
        """End `batches` after what is already here, and let a waiting `put` go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def batches(self) -> Iterator[list[Message]]:
        """Yield what has arrived, as soon as the one before is dealt with, oldest first.

        There is no linger: a batch is whatever came while the last one was being committed. Waiting
        for more would cap the rate at the broker's window divided by the wait.
        """
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                batch = self._take()
                self._changed.notify_all()
            yield batch

    def _take(self) -> list[Message]:
        batch: list[Message] = []
        size = 0
        while self._waiting and len(batch) < self._batch_messages and size < self._batch_bytes:
            message = self._waiting.popleft()
            size += len(message.payload)
            batch.append(message)
        self._bytes -= size
        return batch
