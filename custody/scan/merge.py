"""Two scans of one thing, put together: the second adds, and never blanks what the first said."""

from dataclasses import fields, replace
from typing import Any

from custody.scan.facts import Pairs, Scan
from custody.scan.isbt import ONCE
from custody.scan.label_limits import check_limits_leave_room
from custody.scan.pairs import check_pairs
from custody.scan.refusal import refusal, shown

_REMEDY = "These are labels of two things, or one of them is wrong: check which, and scan again."
_UNIONS = ("elements", "structures")


def merge_scans(first: Scan, second: Scan) -> Scan:
    """Return what both say together, with the first one's carrier and host.

    Raises:
        ScanError: They say different things (both values are named), or things that one label
            may not have together.
    """
    merged = replace(
        first,
        elements=tuple(sorted(_united(first.elements, second.elements, "GS1 field ").items())),
        structures=tuple(sorted({*first.structures, *second.structures})),
        host=first.host or second.host,
        ignored=tuple(dict.fromkeys((*first.ignored, *second.ignored))),
        **_facts(first, second),
    )
    _united(_once(first), _once(second), "ISBT 128 structure ")
    check_pairs(dict(merged.elements))
    check_limits_leave_room(merged.max_mc, merged.min_mc)
    return merged


def _once(scan: Scan) -> Pairs:
    """Return the structures that are single; a donation number may have other flags elsewhere."""
    return tuple(pair for pair in scan.structures if pair[0] in ONCE and pair[0] != "001")


def _united(first: Pairs, second: Pairs, noun: str) -> dict[str, str]:
    united = dict(first)
    for name, value in second:
        if united.setdefault(name, value) != value:
            raise _differ(f"{noun}{name}", united[name], value)
    return united


def _facts(first: Scan, second: Scan) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for field in fields(Scan):
        if not field.compare or field.name in _UNIONS:
            continue
        one, other = getattr(first, field.name), getattr(second, field.name)
        if one is not None and other is not None and one != other:
            raise _differ(field.name.replace("_", " "), str(one), str(other))
        facts[field.name] = other if one is None else one
    return facts


def _differ(noun: str, one: str, other: str) -> Exception:
    wrong = f"The first scan says {noun} {shown(one)}, the second {shown(other)}."
    return refusal(wrong, _REMEDY)
