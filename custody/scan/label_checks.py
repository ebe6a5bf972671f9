"""Is this the item, may it still be used, and do the label and the profile ask for the same?"""

from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from custody.scan.facts import Scan
from custody.scan.label_limits import in_celsius
from schemas.errors import CustodyConflict
from schemas.profile import Profile, limits_c
from schemas.profile_parts import Stage

_MILLI = 1000


def check_label_limits(scan: Scan, profile: Profile, stage: Stage = Stage.TRANSIT) -> None:
    """Raise when the label and the therapy's profile name different limits.

    A label that names none agrees. One that names a limit where the profile has none does not:
    nobody would watch it.

    Args:
        scan: What the label says.
        profile: The therapy's profile.
        stage: The stage whose limits hold now.

    Raises:
        CustodyConflict: They differ; the step must not be taken.
    """
    low, high = limits_c(profile, stage)
    compared = (("highest", scan.max_mc, high), ("lowest", scan.min_mc, low))
    for name, label_mc, limit in compared:
        if label_mc is None:
            continue
        ours_mc = None if limit is None else int(Decimal(str(limit)) * _MILLI)
        if label_mc != ours_mc:
            ours = "none" if ours_mc is None else in_celsius(ours_mc)
            raise CustodyConflict(
                f"The label's {name} temperature is {in_celsius(label_mc)}; the profile "
                f"{profile.name} has {ours} in {stage}. Do not go on: ask quality which is right."
            )


def check_item(
    scan: Scan,
    *,
    item: str | None = None,
    coi: str | None = None,
    now: datetime,
    zone: tzinfo = UTC,
) -> tuple[str, ...]:
    """Return a sentence for each way in which the label is not what was expected; () if none.

    Args:
        scan: What the label says; of several symbols, merged.
        item: `GTIN.serial` of the item that should be here; None leaves it open.
        coi: The chain-of-identity identifier that should be here; None leaves it open.
        now: For the expiry; aware.
        zone: Whose local time the label's expiry is in.
    """
    found = (
        _other(item, scan.item, "item", "GTIN and serial number") if item else None,
        _other(coi, scan.coi, "chain of identity", "chain-of-identity identifier") if coi else None,
        _expired(scan, now.astimezone(zone)),
    )
    return tuple(sentence for sentence in found if sentence)


def _other(expected: str, found: str | None, noun: str, fact: str) -> str | None:
    """Return what is wrong about an identity; a label without one does not show it."""
    if found is None:
        return f"The label has no {fact}, so it does not show that this is {noun} {expected}."
    if found != expected:
        return f"The label says {noun} {found}; expected is {expected}."
    return None


def _expired(scan: Scan, local: datetime) -> str | None:
    """Return what is wrong about the expiry: good through the day, or until the minute."""
    day, at = scan.expiry_date, scan.expiry_time
    if day is None:
        return None
    if local.date() > day or (at is not None and (local.date(), local.time()) >= (day, at)):
        until = f"{day.isoformat()} {at:%H:%M}" if at else day.isoformat()
        return f"The label says expired: use by {until}, and it is {local:%Y-%m-%d %H:%M}."
    return None
