from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulator.logger import StoreAndForward


class Keeping(RuleBasedStateMachine):
    """A logger beside a set of numbers: what is recorded and not stored is kept, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.logger = StoreAndForward("KT-1", per_message=3)
        self.recorded = 0
        self.stored: set[int] = set()

    @rule(count=st.integers(1, 5))
    def record(self, count: int) -> None:
        for _ in range(count):
            self.recorded += 1
            self.logger.record(self.recorded * 1_000, {"temp": 1.0})

    @rule()
    def send(self) -> None:
        waiting = self.logger.unsent
        uploads = self.logger.uploads()
        assert sum(len(upload.readings) for upload in uploads) == waiting
        assert all(len(upload.readings) <= 3 for upload in uploads)
        assert self.logger.unsent == 0

    @rule()
    def lose_connection(self) -> None:
        self.logger.rewind()
        assert self.logger.unsent == len(self.logger.kept)

    @rule(first=st.integers(1, 40), length=st.integers(1, 10))
    def hear_stored(self, first: int, length: int) -> None:
        last = first + length - 1
        self.logger.stored([(first, last)])
        self.stored |= set(range(first, last + 1)) & set(range(1, self.recorded + 1))

    @invariant()
    def keeps_exactly_what_is_not_stored(self) -> None:
        kept = [reading.seq for reading in self.logger.kept]
        assert kept == [seq for seq in range(1, self.recorded + 1) if seq not in self.stored]
        assert 0 <= self.logger.awaiting <= len(kept)


TestKeeping = Keeping.TestCase


@given(counts=st.lists(st.integers(1, 9), max_size=6))
def test_sequence_numbers_rise_by_one_over_all_messages(counts: list[int]) -> None:
    logger = StoreAndForward("KT-1", per_message=4)
    seqs: list[int] = []
    for count in counts:
        for number in range(count):
            logger.record(number, {"temp": 1.0})
        seqs += [one.seq for upload in logger.uploads() for one in upload.readings]
    assert seqs == list(range(1, sum(counts) + 1))


def test_a_full_memory_overwrites_its_oldest_reading_and_counts_it() -> None:
    logger = StoreAndForward("KT-1", capacity=3)
    for number in range(5):
        logger.record(number, {"temp": 1.0})
    assert [reading.seq for reading in logger.kept] == [3, 4, 5]
    assert logger.overwritten == 2
