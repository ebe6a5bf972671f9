"""What a load sends, and in which order: plain, regular, and the same for the same plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from simulator.logger import Encoding
from simulator.senml import Reading, to_cbor

_LAT, _LON = 39.1, -84.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """Message number k carries block k // loggers of logger k % loggers.

    Reading s of a logger (s = 1, 2, …) was measured at `start_at` + s x `interval_s`, so every
    reading is known from its serial and sequence number.

    Attributes:
        loggers: How many.
        readings: Readings in a message.
        messages: Different messages, without repetitions.
        start_at: Instant before the first reading of each logger. Mind the future: the last one is
            `readings_per_logger` intervals later.
        serial_format: Makes a serial from a number, 0, 1, 2 …
        duplicates: Share of the messages that is sent twice.
        shuffle: Messages are shuffled within windows of so many; 0 for in order.
        late: Share of the messages that comes after all others.
        temp_c: Middle of the temperatures, °C, in a band of ±0.5 K.
        warm_share: Share of the loggers, the first ones, that read `warm_c` instead.
    """

    loggers: int
    readings: int
    messages: int
    start_at: datetime
    interval_s: int = 60
    serial_format: str = "LD-{:05d}"
    encoding: Encoding = Encoding.JSON
    duplicates: float = 0.0
    shuffle: int = 0
    late: float = 0.0
    temp_c: float = -188.0
    warm_share: float = 0.0
    warm_c: float = -90.0
    seed: int = 1

    @property
    def readings_per_logger(self) -> int:
        """How many readings the first logger has; the last may have one message less."""
        return -(-self.messages // self.loggers) * self.readings

    @property
    def start_us(self) -> int:
        """`start_at` in microseconds since 1970 UTC."""
        return round(self.start_at.timestamp()) * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One sending of one message."""

    number: int
    serial: str
    topic: str
    payload: bytes
    from_seq: int
    to_seq: int
    from_us: int
    to_us: int


def serial_of(plan: LoadPlan, logger: int) -> str:
    """Return the serial of a logger, 0 ≤ logger < loggers."""
    return plan.serial_format.format(logger)


def serials(plan: LoadPlan) -> list[str]:
    """Return all serials of a plan."""
    return [serial_of(plan, logger) for logger in range(plan.loggers)]


def rounds(plan: LoadPlan) -> Iterator[Round]:
    """Yield everything that is sent, in the order of sending, encoded."""
    write = _JsonTemplate(plan).payload if plan.encoding is Encoding.JSON else _cbor
    for number in order(plan).tolist():
        logger, block = number % plan.loggers, number // plan.loggers
        serial = serial_of(plan, logger)
        from_seq = block * plan.readings + 1
        to_seq = from_seq + plan.readings - 1
        yield Round(
            number=number,
            serial=serial,
            topic=f"unbroken/v1/{serial}/readings",
            payload=write(plan, serial, from_seq, temperatures(plan, number)),
            from_seq=from_seq,
            to_seq=to_seq,
            from_us=plan.start_us + from_seq * plan.interval_s * 1_000_000,
            to_us=plan.start_us + to_seq * plan.interval_s * 1_000_000,
        )


def order(plan: LoadPlan) -> npt.NDArray[np.int64]:
    """Return message numbers in the order of sending; each at least once."""
    rng = np.random.default_rng([plan.seed, 11])
    numbers = np.arange(plan.messages, dtype=np.int64)
    twice = rng.random(plan.messages) < plan.duplicates
    numbers = np.repeat(numbers, 1 + twice)
    if plan.shuffle > 1:
        for first in range(0, len(numbers), plan.shuffle):
            rng.shuffle(numbers[first : first + plan.shuffle])
    if plan.late > 0:
        is_late = rng.random(plan.messages) < plan.late
        late = is_late[numbers]
        numbers = np.concatenate([numbers[~late], numbers[late]])
    return numbers


def temperatures(plan: LoadPlan, number: int) -> list[float]:
    """Return the temperatures of a message, °C; the same whenever it is sent."""
    logger = number % plan.loggers
    middle = plan.warm_c if logger < plan.warm_share * plan.loggers else plan.temp_c
    steps = (np.arange(plan.readings) * 7 + number * 13) % 101
    values: list[float] = np.round(middle - 0.5 + steps / 100.0, 2).tolist()
    return values


class _JsonTemplate:
    """A pack with holes for base name, base time, temperatures and sequence numbers."""

    def __init__(self, plan: LoadPlan) -> None:
        parts = []
        for place in range(plan.readings):
            base = '"bn":"%s/","bt":%d,' if place == 0 else ""
            at = f',"t":{place * plan.interval_s}' if place else ""
            parts.append(
                f'{{{base}"n":"temp","u":"Cel","v":%.2f{at}}},'
                f'{{"n":"ambient","u":"Cel","v":20.5{at}}},'
                f'{{"n":"lat","u":"lat","v":{_LAT}{at}}},'
                f'{{"n":"lon","u":"lon","v":{_LON}{at}}},'
                f'{{"n":"seq","v":%d{at}}}'
            )
        self._template = "[" + ",".join(parts) + "]"

    def payload(self, plan: LoadPlan, serial: str, from_seq: int, temps: list[float]) -> bytes:
        base_s = plan.start_us // 1_000_000 + from_seq * plan.interval_s
        values = [pair for seq, temp in enumerate(temps, from_seq) for pair in (temp, seq)]
        return (self._template % (serial, base_s, *values)).encode()


def _cbor(plan: LoadPlan, serial: str, from_seq: int, temps: list[float]) -> bytes:
    readings = [
        Reading(
            seq=seq,
            measured_us=plan.start_us + seq * plan.interval_s * 1_000_000,
            channels={"temp": temp, "ambient": 20.5, "lat": _LAT, "lon": _LON},
        )
        for seq, temp in enumerate(temps, from_seq)
    ]
    return to_cbor(serial, readings)
