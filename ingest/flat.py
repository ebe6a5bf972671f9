"""The records of many packs laid end to end, as columns."""

from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from ingest.channels import IGNORED, TABLE, kind_of
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
        pack: Index of the pack of each record, shape (n,), ascending.
        kind: Index into `channels.CONVERSIONS`, or `IGNORED`, or `WRONG_UNIT`, shape (n,).
        value: The number, NaN where the record has none, shape (n,).
        seconds: Time of each record since 1970 UTC, shape (n,).
        received_us: Instant each pack arrived, shape (p,).
        names: Name of each record, for sentences.
        units: Unit of each record, for sentences.
        ignored: How many records have a name that is not understood.
    """

    pack: IntArray
    kind: IntArray
    value: FloatArray
    seconds: FloatArray
    received_us: IntArray
    names: list[str]
    units: list[str | None]
    ignored: int


def flatten(packs: list[Pack]) -> Flat:
    """Lay the records of all packs end to end."""
    sizes = np.array([len(pack.records.names) for pack in packs], dtype=np.int64)
    pack_of = np.repeat(np.arange(len(packs)), sizes)
    names = list(chain.from_iterable(pack.records.names for pack in packs))
    units = list(chain.from_iterable(pack.records.units for pack in packs))
    numbers = list(chain.from_iterable(pack.records.values for pack in packs))
    times = list(chain.from_iterable(pack.records.times for pack in packs))
    base = np.array([pack.records.base_s for pack in packs], dtype=np.float64)
    kind = _kinds(packs, pack_of, names, units)
    return Flat(
        pack=pack_of,
        kind=kind,
        value=np.array(numbers, dtype=np.float64),  # None becomes NaN
        seconds=np.array(times, dtype=np.float64) + base[pack_of],
        received_us=np.array([pack.received_us for pack in packs], dtype=np.int64),
        names=names,
        units=units,
        ignored=int((kind == IGNORED).sum()),
    )


def _kinds(
    packs: list[Pack], pack_of: IntArray, names: list[str], units: list[str | None]
) -> IntArray:
    found = np.array(list(map(TABLE.get, zip(names, units, strict=True))), dtype=np.float64)
    kinds = np.where(np.isnan(found), IGNORED, found).astype(np.int64)
    for index in np.flatnonzero(kinds == IGNORED).tolist():
        serial, name = packs[pack_of[index]].serial, names[index]
        if name.startswith((f"{serial}/", f"{serial}:")):  # the whole name in `n`, no base name
            name = name[len(serial) + 1 :]
        kinds[index] = kind_of(name, units[index])
    return kinds
