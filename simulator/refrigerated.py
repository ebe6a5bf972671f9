"""The 2-8 °C box: panels of a phase-change material that melts at 5 °C, foam around it."""

from dataclasses import replace

from simulator.physics import Container

PANELS_MELT_C = 5.0
"""Melting point of the panels (tetradecane-like paraffin, 5 to 6 °C)."""

MELTING_KJ_PER_KG = 200.0
"""Heat of fusion of such paraffins. Assumed: data sheets give 180 to 230 kJ/kg."""

QUALIFIED_HOLD_H = 96.0
"""Hold time written on the box. Assumed."""


def refrigerated_box(*, unit: float = 1.0) -> Container:
    """Return a 2-8 °C box whose heat leak is `unit` times the nominal one.

    Nominal: 5 kg of panels and a leak of 1.8 W at 21 °C ambient melt 0.78 kg a day, a static hold
    of 6 days. In surroundings colder than the panels they refreeze, and when all is frozen the
    payload follows the cold. Time constants and couplings are assumed: closed, 2 % of the
    difference reaches the probe; with the lid open the probe reads mostly the room.

    Args:
        unit: This unit's heat leak over the nominal one.
    """
    return replace(_NOMINAL, loss_kg_per_day=_NOMINAL.loss_kg_per_day * unit)


def heat_leak_w(container: Container) -> float:
    """Return the heat that leaks into a box at its reference ambient, W."""
    return container.loss_kg_per_day * MELTING_KJ_PER_KG * 1_000.0 / 86_400.0


_NOMINAL = Container(
    source_c=PANELS_MELT_C,
    offset_c=-0.2,
    coupling=0.02,
    capacity_kg=5.0,
    loss_kg_per_day=0.78,
    reference_c=21.0,
    tipped_factor=1.0,
    tipped_deg=90.0,
    open_factor=5.0,
    open_coupling=0.65,
    settle_s=1_500.0,
    open_s=1_500.0,
    warm_s=5 * 3_600.0,
)
