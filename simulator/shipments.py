"""The plan of one simulated shipment: everything about it that does not change while it travels."""

from dataclasses import dataclass

from simulator.ambient import Weather
from simulator.clock import WorldClock
from simulator.identifiers import grai
from simulator.lanes import Lane, Stage
from simulator.logger import Encoding
from simulator.mishaps import EXPECTED, Label, Mishap, MishapKind, cut_off
from simulator.physics import Container
from simulator.places import Party, Product


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerPlan:
    """One logger: who made it, how well it measures, how it writes.

    Attributes:
        bias_c: Constant error of this unit, K, well within `accuracy_c`.
        flight_mode: Offline while the shipper flies.
    """

    serial: str
    make: str
    accuracy_c: float
    bias_c: float
    encoding: Encoding
    flight_mode: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlan:
    """One shipment: what travels in what, from where to where, by whom, and what goes wrong.

    Attributes:
        ordinal: Number within the seed; names everything else.
        lane: What really happens, mishaps included.
        planned_lane: What was promised.
        starts_s: World second at which packing begins.
        charge: Share of refrigerant at packing, 0..1.
        buyer: Specialty pharmacy that buys and bills, if the payment goes that way.
    """

    ordinal: int
    product: Product
    container: Container
    charge: float
    hold_h: float
    weather: Weather
    lane: Lane
    planned_lane: Lane
    starts_s: float
    first_courier: Party
    second_courier: Party
    buyer: Party | None
    loggers: tuple[LoggerPlan, ...]
    seals: tuple[str, str]
    mishaps: tuple[Mishap, ...]

    @property
    def code(self) -> str:
        """The shipment's code."""
        return shipment_code(self.ordinal)

    @property
    def order_code(self) -> str:
        """The order's code."""
        return f"A-{1_100 + self.ordinal}"

    @property
    def coi(self) -> str:
        """A chain-of-identity identifier in the form of ISBT 128 DS040: a donation number."""
        return f"W000026{self.ordinal:06d}"

    @property
    def patient_alias(self) -> str:
        """The patient's alias: it stands for nobody."""
        return f"P-{(self.ordinal * 7_919 + 4_242) % 65_536:04X}"

    @property
    def item_serial(self) -> str:
        """Serial number of the item."""
        return f"{self.product.therapy_id[:3].upper()}{26_000_000 + self.ordinal}"

    @property
    def item_id(self) -> str:
        """The item as the service names it: GTIN, dot, serial."""
        return f"{self.product.gtin}.{self.item_serial}"

    @property
    def shipper_grai(self) -> str:
        """The shipper's GRAI."""
        asset = {"ln2_dewar": 701, "dry_ice": 702, "refrigerated": 703}[self.product.shipper_kind]
        return grai(asset, f"{1_000 + self.ordinal}")

    @property
    def waybill(self) -> str:
        """Number of the air waybill: a prefix of no airline, seven digits, a check digit."""
        serial = 2_600_000 + self.ordinal
        return f"000-{serial}{serial % 7}"

    @property
    def ends_s(self) -> float:
        """World second at which receiving ends."""
        return self.starts_s + self.lane.duration_s

    def has(self, kind: MishapKind) -> bool:
        """Return whether this shipment suffers such a mishap at any time."""
        return any(mishap.kind is kind for mishap in self.mishaps)

    def online(self, logger: LoggerPlan, world_s: float) -> bool:
        """Return whether this logger can reach the broker at `world_s`."""
        flying = self.lane.segment_at(world_s - self.starts_s).stage is Stage.FLIGHT
        return not (cut_off(self.mishaps, world_s) or (flying and logger.flight_mode))


def shipment_code(ordinal: int) -> str:
    """Return the code of the shipment with this number."""
    return f"U-{2_200 + ordinal}"


def labels(plan: ShipmentPlan, clock: WorldClock) -> list[Label]:
    """Return the truth about this shipment's mishaps, in instants."""
    return [
        Label(
            kind=mishap.kind,
            shipment=plan.code,
            serials=tuple(logger.serial for logger in plan.loggers),
            from_us=clock.at_us(mishap.from_s),
            to_us=clock.at_us(mishap.to_s) if mishap.to_s < plan.ends_s else None,
            expected=EXPECTED[mishap.kind],
        )
        for mishap in plan.mishaps
    ]
