"""Lumped thermal models of passive shippers, one row a shipper.

A refrigerant at constant temperature absorbs the heat that leaks in until its latent heat is spent;
the payload follows the refrigerant while it lasts and the surroundings afterwards. Between two
calls the surroundings are constant, so each step is the exact solution, however long it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One shipper's thermal parameters.

    Attributes:
        source_c: Temperature at which the refrigerant changes phase, °C.
        offset_c: How far the payload sits above the refrigerant while it lasts, K.
        coupling: Share of (ambient - source) that reaches the payload while it lasts.
        capacity_kg: Refrigerant when freshly conditioned, kg.
        loss_kg_per_day: Refrigerant lost upright and closed at `reference_c` ambient, kg/day.
        reference_c: Ambient temperature of `loss_kg_per_day`, °C.
        tipped_factor: Multiplies the loss beyond `tipped_deg` of tilt.
        tipped_deg: Tilt from which the shipper counts as lying, degrees.
        open_factor: Multiplies the loss while the lid is open.
        open_coupling: Share of (ambient - source) that reaches the payload with the lid open.
        settle_s: Time constant of the payload while refrigerant lasts, s.
        open_s: Time constant of the payload with the lid open, s.
        warm_s: Time constant of the payload after exhaustion, s.
    """

    source_c: float
    offset_c: float
    coupling: float
    capacity_kg: float
    loss_kg_per_day: float
    reference_c: float
    tipped_factor: float
    tipped_deg: float
    open_factor: float
    open_coupling: float
    settle_s: float
    open_s: float
    warm_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is inside n shippers.

    Attributes:
        refrigerant_kg: Unspent refrigerant, shape (n,), kg, between 0 and the capacity.
        payload_c: Temperature at the probe, shape (n,), °C.
    """

    refrigerant_kg: FloatArray
    payload_c: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What acts on n shippers during one step.

    Attributes:
        ambient_c: Air around the shipper, shape (n,), °C.
        tilt_deg: Angle from upright, shape (n,), degrees.
        lid_open: 1 where the lid stands open, else 0, shape (n,).
    """

    ambient_c: FloatArray
    tilt_deg: FloatArray
    lid_open: FloatArray


class Shippers:
    """The parameters of n shippers as columns, and the law they follow."""

    def __init__(self, containers: Sequence[Container]) -> None:
        self._column = {
            field.name: np.array([getattr(one, field.name) for one in containers], dtype=np.float64)
            for field in fields(Container)
        }

    def conditioned(self, ambient_c: FloatArray, charge: FloatArray) -> Contents:
        """Return shippers at rest in `ambient_c` with a share `charge` (0..1) of refrigerant.

        Args:
            ambient_c: Air around the shipper, shape (n,), °C.
            charge: Share of the capacity filled, shape (n,).
        """
        closed = np.zeros_like(ambient_c)
        return Contents(
            refrigerant_kg=self._column["capacity_kg"] * np.clip(charge, 0.0, 1.0),
            payload_c=self._cold_target(ambient_c, closed),
        )

    def advance(self, now: Contents, around: Surroundings, dt_s: FloatArray) -> Contents:
        """Return the contents `dt_s` later under constant surroundings.

        Exact: two steps of half the length give the same contents as one. The payload never leaves
        the span of its start, its refrigerated target and the ambient temperature.

        Args:
            now: Contents of n shippers.
            around: Their surroundings during the step.
            dt_s: Length of the step, shape (n,), s, ≥ 0; 0 leaves a shipper as it is.
        """
        capacity = self._column["capacity_kg"]
        loss = self.loss_kg_per_s(around)
        reserve = np.where(loss >= 0.0, now.refrigerant_kg, capacity - now.refrigerant_kg)
        with np.errstate(divide="ignore", invalid="ignore"):
            lasts_s = np.where(loss == 0.0, np.inf, reserve / np.abs(loss))
        held_s = np.minimum(dt_s, lasts_s)

        settle_s = np.where(around.lid_open > 0, self._column["open_s"], self._column["settle_s"])
        target = self._cold_target(around.ambient_c, around.lid_open)
        payload = _approach(now.payload_c, target, held_s / settle_s)
        payload = _approach(payload, around.ambient_c, (dt_s - held_s) / self._column["warm_s"])
        left = np.where(lasts_s <= dt_s, np.where(loss > 0.0, 0.0, capacity), now.refrigerant_kg)
        left = np.where(lasts_s > dt_s, now.refrigerant_kg - loss * dt_s, left)
        return Contents(refrigerant_kg=np.clip(left, 0.0, capacity), payload_c=payload)

    def loss_kg_per_s(self, around: Surroundings) -> FloatArray:
        """Return how fast refrigerant is spent, shape (n,), kg/s; negative where it refreezes."""
        column = self._column
        drive = (around.ambient_c - column["source_c"]) / (
            column["reference_c"] - column["source_c"]
        )
        factor = np.where(around.tilt_deg >= column["tipped_deg"], column["tipped_factor"], 1.0)
        factor = factor * np.where(around.lid_open > 0, column["open_factor"], 1.0)
        return column["loss_kg_per_day"] / SECONDS_A_DAY * drive * factor

    def _cold_target(self, ambient_c: FloatArray, lid_open: FloatArray) -> FloatArray:
        column = self._column
        share = np.where(lid_open > 0, column["open_coupling"], column["coupling"])
        reached: FloatArray = (
            column["source_c"] + column["offset_c"] + share * (ambient_c - column["source_c"])
        )
        return reached


def _approach(start: FloatArray, target: FloatArray, time_constants: FloatArray) -> FloatArray:
    reached: FloatArray = target + (start - target) * np.exp(-time_constants)
    return reached
