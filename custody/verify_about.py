"""Step 2, first half: `about.json`, and whether the numbered members are those that it names."""

import re
from collections.abc import Mapping
from itertools import pairwise

from custody.bundle_members import Form, Part, part_of
from custody.canonical import Json, decode
from custody.entry import KEYS_CHAIN
from custody.verify_opened import About, Unreadable
from schemas.errors import LedgerCorrupt

ABOUT_VERSION = 1
LARGEST_SIZE = 9_999_999_999
"""The largest number of ten digits."""

Numbered = Mapping[Part, Mapping[int, bytes]]
"""The numbered members by kind and number, ascending."""

_is_log = re.compile("[!-*,-~]{1,200}").fullmatch
_is_order = re.compile("(?:[!-~](?:[ -~]{0,88}[!-~])?)?").fullmatch


def parse_about(data: bytes, form: Form) -> About:
    """Return what a file says about itself.

    Raises:
        LedgerCorrupt: It is not of its form, or says to be of another form than the README.
    """
    match decode(data):
        case {
            "v": 1,
            "form": form.value,
            "log": str(log),
            "order": str(order),
            "entries": [*entries],
            "size": int(size),
            **rest,
        } if not rest and _is_log(log) and _is_order(order):
            about = About(form=form, log=log, order=order, entries=_whole(entries), size=size)
        case _:
            message = f"It is not that of a {form} of version {ABOUT_VERSION}."
            raise LedgerCorrupt(message)
    _check_entries(about)
    return about


def by_number(members: Mapping[str, bytes]) -> Numbered:
    """Return the numbered members by kind and number, ascending."""
    found: dict[Part, dict[int, bytes]] = {part: {} for part in Part}
    for name in sorted(members):
        numbered = part_of(name)
        if numbered is not None:
            found[numbered[0]][numbered[1]] = members[name]
    return found


def check_numbers(of: Numbered, about: About) -> None:
    """Check that each member has those it needs, and none is left over.

    Raises:
        Unreadable: One has not, or is.
    """
    entries, keys, checkpoints = set(about.entries), set(of[Part.KEY]), set(of[Part.CHECKPOINT])
    last_key = {max(keys)} if keys else set()
    both = entries if about.order == KEYS_CHAIN else set()
    holds = {
        "entries/ has other entries than about.json.": set(of[Part.ENTRY]) == entries,
        "keys/ has an entry beyond the checkpoint.": max(keys, default=-1) < about.size,
        "proofs/ has not one proof for each entry.": set(of[Part.PROOF]) == entries | last_key,
        "checkpoints/ has a checkpoint or a proof alone.": checkpoints == set(of[Part.CONSISTENCY]),
        "checkpoints/ has one that is not earlier.": all(0 < s < about.size for s in checkpoints),
        "readings/ has readings of no entry here.": set(of[Part.READINGS]) <= entries,
        "timestamps/ has one of no checkpoint here.": set(of[Part.TIMESTAMP])
        <= checkpoints | {about.size},
        "keys/ and entries/ share an entry.": keys & entries == both,
    }
    for sentence, it_holds in holds.items():
        if not it_holds:
            raise Unreadable(None, sentence)


def _whole(values: list[Json]) -> tuple[int, ...]:
    return tuple(each if isinstance(each, int) else -1 for each in values)


def _check_entries(about: About) -> None:
    entries = about.entries
    ascending = all(one < following for one, following in pairwise(entries))
    fits = entries and entries[0] >= 0 and entries[-1] < about.size <= LARGEST_SIZE
    if not (fits and ascending):
        message = "Its entries do not ascend from 0 up to the size of the checkpoint."
        raise LedgerCorrupt(message)
    if about.form is Form.BUNDLE and about.order == KEYS_CHAIN:
        message = "A bundle is of an order."
        raise LedgerCorrupt(message)
