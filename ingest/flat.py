"""The records of many packs laid end to end, as columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from ingest.channels import IGNORED, kind_of
from ingest.senml import Resolved
from schemas.reading import FloatArray, IntArray


class Pack(NamedTuple):
    """One message's records, with where they came from and when they arrived."""

    message: int
    serial: str
    received_us: int
    records: Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """Records of `p` packs, `n` in all.

    Attributes:
        packs: Where the records came from.
        starts: Row at which each pack starts, shape (p,).
        pack: Index of the pack of each record, shape (n,), ascending.
        kind: Index into `channels.CONVERSIONS`, or `IGNORED`, or `WRONG_UNIT`, shape (n,).
        value: The number, NaN where the record has none, shape (n,).
        seconds: Time of each record since 1970 UTC, shape (n,).
        received_us: Instant each pack arrived, shape (p,).
    """

    packs: list[Pack]
    starts: IntArray
    pack: IntArray
    kind: IntArray
    value: FloatArray
    seconds: FloatArray
    received_us: IntArray

    @property
    def ignored(self) -> int:
        """How many records have a name that is not understood."""
        return int((self.kind == IGNORED).sum())

    def named(self, row: int) -> tuple[str, str | None]:
        """Return name and unit of a record, for a sentence about it."""
        pack = int(self.pack[row])
        place = row - int(self.starts[pack])
        records = self.packs[pack].records
        return records.names[place], records.units[place]


def flatten(packs: list[Pack]) -> Flat:
    """Lay the records of all packs end to end."""
    sizes = np.array([len(pack.records.names) for pack in packs], dtype=np.int64)
    numbers = list(chain.from_iterable([pack.records.values for pack in packs]))
    times = list(chain.from_iterable([pack.records.times for pack in packs]))
    base = np.array([pack.records.base_s for pack in packs], dtype=np.float64)
    pack_of = np.repeat(np.arange(len(packs)), sizes)
    with np.errstate(over="ignore", invalid="ignore"):  # such a time is implausible, and found so
        seconds = np.array(times, dtype=np.float64) + base[pack_of]
    return Flat(
        packs=packs,
        starts=np.cumsum(sizes) - sizes,
        pack=pack_of,
        kind=np.concatenate([np.zeros(0, dtype=np.int64), *_kinds(packs)]),
        value=np.array(numbers, dtype=np.float64),  # None becomes NaN
        seconds=seconds,
        received_us=np.array([pack.received_us for pack in packs], dtype=np.int64),
    )


def _kinds(packs: list[Pack]) -> Iterator[IntArray]:
    """Yield the kinds of each pack's records.

    Loggers repeat themselves: a pack with the names and units of the one before has its kinds too,
    and comparing two lists of shared strings costs a tenth of looking them up.
    """
    names: Sequence[str] = ()
    units: Sequence[str | None] = ()
    kinds: IntArray = np.zeros(0, dtype=np.int64)
    for pack in packs:
        records = pack.records
        if records.names != names or records.units != units:
            kinds = np.array(
                [_kind(name, unit, pack.serial)
                 for name, unit in zip(records.names, records.units, strict=True)],
                dtype=np.int64,
            )  # fmt: skip
            # A name that holds this logger's serial says nothing about the next logger's pack.
            alike = not (kinds == IGNORED).any() and not any(map(_has_serial, records.names))
            names, units = (records.names, records.units) if alike else ((), ())
        yield kinds


def _kind(name: str, unit: str | None, serial: str) -> int:
    if name.startswith((f"{serial}/", f"{serial}:")):  # the whole name in `n`, no base name
        name = name[len(serial) + 1 :]
    return kind_of(name, unit)


def _has_serial(name: str) -> bool:
    return "/" in name or ":" in name
