"""The mailbox: bounded, in order, and nothing in it is lost or waits for company."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from ingest.mailbox import Mailbox
from ingest.message import Message

PATIENCE_S = 10.0


def message(number: int, size: int = 1) -> Message:
    return Message(1, number, "unbroken/v1/LG-1/readings", b"x" * size, None, 0)


def mailbox(
    *, messages: int = 1000, budget: int = 10**6, batch: int = 1000, batch_bytes: int = 10**6
) -> Mailbox:
    return Mailbox(
        messages=messages, budget_bytes=budget, batch_messages=batch, batch_bytes=batch_bytes
    )


@given(
    sizes=st.lists(st.integers(0, 60), max_size=60),
    batch=st.integers(1, 10),
    batch_bytes=st.integers(1, 100),
)
def test_batches_are_all_messages_in_order_within_their_bounds(
    sizes: list[int], batch: int, batch_bytes: int
) -> None:
    box = mailbox(batch=batch, batch_bytes=batch_bytes)
    sent = [message(number, size) for number, size in enumerate(sizes)]
    for one in sent:
        box.put(one)
    box.close()
    batches = list(box.batches())
    assert [one for part in batches for one in part] == sent
    for part in batches:
        assert 1 <= len(part) <= batch
        assert sum(len(one.payload) for one in part[:-1]) < batch_bytes


@given(
    messages=st.integers(1, 5),
    budget=st.integers(1, 40),
    sizes=st.lists(st.integers(0, 50), min_size=1, max_size=40),
)
def test_a_writer_waits_while_it_is_full_and_nothing_is_lost(
    messages: int, budget: int, sizes: list[int]
) -> None:
    box = mailbox(messages=messages, budget=budget)
    sent = [message(number, size) for number, size in enumerate(sizes)]

    def write() -> None:
        for one in sent:
            box.put(one)
        box.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    taken: list[Message] = []
    for part in box.batches():
        assert len(part) <= messages
        assert sum(len(one.payload) for one in part[:-1]) < budget
        taken += part
    writer.join(PATIENCE_S)
    assert taken == sent


def test_a_message_larger_than_the_budget_is_still_taken() -> None:
    box = mailbox(budget=10)
    box.put(message(1, size=1_000))
    box.close()
    assert [len(part) for part in box.batches()] == [1]


def test_one_message_does_not_wait_for_others() -> None:
    box = mailbox(batch=1000)
    box.put(message(1))
    assert next(box.batches()) == [message(1)]


def test_a_reader_wakes_for_a_message() -> None:
    box, taken = mailbox(), threading.Event()

    def read() -> None:
        next(box.batches())
        taken.set()

    threading.Thread(target=read, daemon=True).start()
    box.put(message(1))
    assert taken.wait(PATIENCE_S)


def test_closing_lets_a_waiting_writer_go_without_its_message() -> None:
    box = mailbox(messages=1)
    box.put(message(1))
    writer = threading.Thread(target=box.put, args=(message(2),), daemon=True)
    writer.start()
    box.close()
    writer.join(PATIENCE_S)
    assert not writer.is_alive()
    box.put(message(3))
    assert list(box.batches()) == [[message(1)]]
