"""The dry-ice box: solid carbon dioxide in foam."""

from dataclasses import replace

from simulator.physics import Container

CARBON_DIOXIDE_SUBLIMES_C = -78.5
"""Sublimation temperature of carbon dioxide at 101 kPa."""

SUBLIMATION_KJ_PER_KG = 573.0
"""Heat taken up by subliming carbon dioxide at -78.5 °C (sofrigam.com)."""

QUALIFIED_HOLD_H = 96.0
"""Hold time written on the shipper. Assumed."""


def dry_ice_box(*, unit: float = 1.0) -> Container:
    """Return a dry-ice box whose sublimation is `unit` times the nominal one.

    Nominal: 12 kg, of which 8 % go in the first 24 h, the rule of thumb for a closed shipper
    (Hafner 2024, doi 10.1002/eng2.12842). At 573 kJ/kg that is a heat leak of 6.4 W. Open, it loses
    what bare pellets lose, 2.5 %/h: 7.5 times as much. Lying on its side it vents colder (down to
    -93.2 °C, PDA J doi 10.5731/pdajpst.2018.009589) and faster; the factor of 2 and the warming
    time constant of 6 h are assumed.

    Args:
        unit: This unit's sublimation over the nominal one.
    """
    return replace(_NOMINAL, loss_kg_per_day=_NOMINAL.loss_kg_per_day * unit)


def heat_leak_w(container: Container) -> float:
    """Return the heat that leaks into a dry-ice box at its reference ambient, W."""
    return container.loss_kg_per_day * SUBLIMATION_KJ_PER_KG * 1_000.0 / 86_400.0


_NOMINAL = Container(
    source_c=CARBON_DIOXIDE_SUBLIMES_C,
    offset_c=1.2,
    coupling=0.012,
    capacity_kg=12.0,
    loss_kg_per_day=0.96,
    reference_c=21.0,
    tipped_factor=2.0,
    tipped_deg=60.0,
    open_factor=7.5,
    open_coupling=0.12,
    settle_s=1_800.0,
    open_s=2_400.0,
    warm_s=6 * 3_600.0,
)
