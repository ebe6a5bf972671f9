"""What a label says, typed: one immutable value, whatever symbol it came in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from custody.scan.carrier import Carrier
from custody.scan.dates import gs1_date, isbt_date, long_date, time_of
from custody.scan.label_limits import label_limits_mc
from custody.scan.refusal import refusal

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The facts of a label. None means: the label does not say.

    Two scans are equal when they say the same; where from (`carrier`, `host`, `ignored`) is not
    compared.

    Attributes:
        gtin: (01), 14 digits; shorter ones have zeros in front.
        serial: (21).
        lot: (10).
        expiry_date: (17), day 00 being the end of the month, or the date of (7003); ISBT 128
            data structures 004, 005 and 026.
        expiry_time: Of (7003) or data structure 005, in the label's local time.
        sscc: (00), 18 digits.
        grai: (8003) as in the symbol: 0, 13 digits, serial.
        giai: (8004).
        gln: (414), a place.
        gln_extension: (254), of that place.
        party_gln: (417).
        gsrn_recipient: (8018), the patient's relation.
        gsrn_provider: (8017).
        srin: (8019), instance of that relation.
        max_mc: Highest temperature allowed, milli-°C, of (4331) or (4330).
        min_mc: Lowest temperature allowed, milli-°C, of (4333) or (4332).
        coi: ISBT 128 chain of identity identifier, 15 characters.
        din: ISBT 128 donation identification number, 13 characters without flags.
        elements: Every GS1 field as it was: (identifier, value), sorted.
        structures: Every ISBT 128 structure as it was: (number, content), sorted.
        carrier: What it came in.
        host: Of a Digital Link: its host, reported and never asked.
        ignored: Names of parameters in a Digital Link that are not GS1 fields.
    """

    gtin: str | None = None
    serial: str | None = None
    lot: str | None = None
    expiry_date: date | None = None
    expiry_time: time | None = None
    sscc: str | None = None
    grai: str | None = None
    giai: str | None = None
    gln: str | None = None
    gln_extension: str | None = None
    party_gln: str | None = None
    gsrn_recipient: str | None = None
    gsrn_provider: str | None = None
    srin: str | None = None
    max_mc: int | None = None
    min_mc: int | None = None
    coi: str | None = None
    din: str | None = None
    elements: Pairs = ()
    structures: Pairs = ()
    carrier: Carrier = field(default=Carrier.TYPED, compare=False)
    host: str | None = field(default=None, compare=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @property
    def item(self) -> str | None:
        """Return the item's identifier as statements write it, `GTIN.serial`, or None."""
        return f"{self.gtin}.{self.serial}" if self.gtin and self.serial else None

    def element(self, ai: str) -> str | None:
        """Return the value of one GS1 application identifier, or None."""
        return dict(self.elements).get(ai)


def scan_of_elements(
    elements: Mapping[str, str],
    today: date,
    *,
    carrier: Carrier,
    host: str | None = None,
    ignored: tuple[str, ...] = (),
) -> Scan:
    """Return the facts of checked GS1 elements.

    Raises:
        ScanError: (17) and (7003) name different days, or the limits leave no temperature.
    """
    of = elements.get
    expiry_date, expiry_time = _gs1_expiry(elements, today)
    max_mc, min_mc = label_limits_mc(elements)
    return Scan(
        gtin=of("01"),
        serial=of("21"),
        lot=of("10"),
        expiry_date=expiry_date,
        expiry_time=expiry_time,
        sscc=of("00"),
        grai=of("8003"),
        giai=of("8004"),
        gln=of("414"),
        gln_extension=of("254"),
        party_gln=of("417"),
        gsrn_recipient=of("8018"),
        gsrn_provider=of("8017"),
        srin=of("8019"),
        max_mc=max_mc,
        min_mc=min_mc,
        elements=tuple(sorted(elements.items())),
        carrier=carrier,
        host=host,
        ignored=ignored,
    )


def _gs1_expiry(elements: Mapping[str, str], today: date) -> tuple[date | None, time | None]:
    day, at = elements.get("17"), elements.get("7003")
    expiry_date = gs1_date(day, today, may_be_month=True) if day else None
    if not at:
        return expiry_date, None
    timed = gs1_date(at[:6], today)
    return agreed_date((expiry_date, timed), "(17) and (7003)"), time_of(at[6:])


def agreed_date(dates: Iterable[date | None], names: str) -> date | None:
    """Return the one date that all name; None where none does.

    Raises:
        ScanError: They name different dates.
    """
    different = sorted({each for each in dates if each})
    if len(different) > 1:
        named = " and ".join(each.isoformat() for each in different)
        raise refusal(f"{names} name different expiry dates: {named}.")
    return different[0] if different else None


def scan_of_structures(structures: Iterable[tuple[str, str]], *, carrier: Carrier) -> Scan:
    """Return the facts of checked ISBT 128 structures.

    Raises:
        ScanError: Two of them name different expiry dates.
    """
    kept = tuple(sorted(set(structures)))
    of = dict(kept).get
    timed, day, month, din, coi = of("005"), of("004"), of("026"), of("001"), of("040")
    dates = (
        isbt_date(timed) if timed else None,
        isbt_date(day) if day else None,
        long_date(f"{month}00", may_be_month=True) if month else None,
    )
    return Scan(
        expiry_date=agreed_date(dates, "ISBT 128 structures 004, 005 and 026"),
        expiry_time=time_of(timed[6:]) if timed else None,
        coi=coi,
        din=din[:13] if din else None,
        structures=kept,
        carrier=carrier,
    )
