"""The liquid-nitrogen dry-vapour dewar: nitrogen in an absorber, cold vapour around the bags."""

from dataclasses import replace

from simulator.physics import Container

NITROGEN_BOILS_C = -195.8
"""Boiling point of nitrogen at 101 kPa."""

QUALIFIED_HOLD_H = 240.0
"""Hold time written on the shipper. Assumed: ten days, as usual for this size."""


def dewar(*, unit: float = 1.0) -> Container:
    """Return a dry-vapour dewar whose boil-off is `unit` times the nominal one.

    Nominal: 6.0 kg of nitrogen and 0.45 kg/day give a static hold of 13 days, a third above the
    qualified ten. New units of one type differ by 30 to 40 %, and lying on the side shortens the
    hold further (Fisher BioServices, in `field.md` section c); the factor of 8 when lying, the
    warming time constant of 8 h and the 7 K between vapour and payload are assumed.

    Args:
        unit: This unit's boil-off over the nominal one, 0.7 to 1.4.
    """
    return replace(_NOMINAL, loss_kg_per_day=_NOMINAL.loss_kg_per_day * unit)


_NOMINAL = Container(
    source_c=NITROGEN_BOILS_C,
    offset_c=6.0,
    coupling=0.006,
    capacity_kg=6.0,
    loss_kg_per_day=0.45,
    reference_c=21.0,
    tipped_factor=8.0,
    tipped_deg=45.0,
    open_factor=6.0,
    open_coupling=0.08,
    settle_s=2_400.0,
    open_s=1_800.0,
    warm_s=8 * 3_600.0,
)
