"""Files that are not what they should be: what two verifiers must judge alike.

A case follows from its number: a signed log, something wrong with it or with a file made of it, and
whom the reader trusts. Some damage is done with the log's own key, as by an operator who cheats.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from custody.bundle import Material, members_of
from custody.bundle_members import SUMS, sums_of
from custody.container import build
from custody.entry import KEYS_CHAIN
from custody.merkle import grow, leaf_hash
from tests.support.odd_bytes import changed, edited, edited_statement
from tests.support.odd_file import made, sealed
from tests.support.odd_notes import other_notes, other_past, policy
from tests.support.signed_case import SignedLog

Members = dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file to be judged.

    Attributes:
        what: The damage done, for whoever reads a failure.
        policy: Whom the reader trusts; None trusts nobody.
    """

    what: str
    data: bytes
    policy: bytes | None = None


def cases(log: SignedLog, rng: random.Random, count: int) -> list[Case]:
    """Return undamaged files of a log and `count` damaged ones; the log is changed by this."""
    told = [name for name, chain in log.chains.items() if name != KEYS_CHAIN and chain.indexes]
    order = rng.choice(told)
    bundle = log.bundle_material(order)
    receipt = log.receipt_material(rng.randrange(len(log.entries)))
    found = [
        Case(what=f"undamaged {each.form}", data=sealed(members_of(each)), policy=policy(log, rng))
        for each in (bundle, receipt)
    ]
    for _ in range(count):
        material = rng.choice((bundle, bundle, receipt))
        damage = rng.choice(DAMAGES)
        data = damage(log, material, rng)
        found.append(Case(what=damage.__name__, data=data, policy=policy(log, rng)))
    return found


def raw_bytes(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change the file's own bytes."""
    del log
    return changed(sealed(members_of(material)), rng)


def member_bytes(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change bytes of a member, and make sums and container fit again."""
    del log
    members = members_of(material)
    name = rng.choice(sorted(members))
    members[name] = changed(members[name], rng)
    return sealed(members)


def short_members(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change bytes of a member that people write: policy, about, consistency, readings, notes."""
    del log
    members = members_of(material)
    wordy = [each for each in members if not each.startswith(("keys", "entries", "README", "hand"))]
    name = rng.choice(sorted(wordy))
    members[name] = changed(members[name], rng)
    return sealed(members)


def missing_member(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Take members out."""
    del log
    members = members_of(material)
    for name in rng.sample(sorted(members), rng.randrange(1, 3)):
        del members[name]
    return sealed(members)


def renamed_member(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Let members change places or names, or add one."""
    del log
    members = members_of(material)
    one, other = rng.sample(sorted(members), 2)
    match rng.randrange(4):
        case 0:
            members[one], members[other] = members[other], members[one]
        case 1:
            members[one.replace("0", "1", 1)] = members.pop(one)
        case 2:
            members[f"{rng.choice(('entries', 'hand', 'timestamps'))}/0000000003.tsr"] = b"x"
        case _:
            members[f"readings/{rng.randrange(40):010}.jsonl"] = b""
    return sealed(members)


def loose_sums(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change a member, or the sums, but leave the sums as they were or worse."""
    del log
    members = members_of(material)
    members[SUMS] = sums_of(members)
    name = rng.choice(sorted(members))
    members[name] = changed(members[name], rng)
    return build(members)


def edited_about(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change a field of `about.json`, canonically."""
    del log
    members = members_of(material)
    members["about.json"] = edited(members["about.json"], rng)
    return sealed(members)


def edited_entry(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change a field of an entry, canonically; the tree is not made again."""
    del log
    entries = material.entries if rng.random() < 0.6 or not material.keys else material.keys
    index = rng.choice(sorted(entries))
    changed = {**entries, index: edited_statement(entries[index], rng)}
    if entries is material.entries:
        return made(replace(material, entries=changed))
    return made(replace(material, keys=changed))


def rewritten_log(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change entries, make the tree again and sign it: an operator who rewrites history."""
    forged = SignedLog(0)
    forged.__dict__ |= log.__dict__ | {"entries": list(log.entries), "notes": {}}
    shown = sorted({*material.entries, *material.keys})
    for index in rng.sample(shown, min(len(shown), rng.randrange(1, 3))):
        forged.entries[index] = edited_statement(forged.entries[index], rng)
    forged.leaves = [leaf_hash(each) for each in forged.entries]
    for size in log.notes:
        forged.frontier = grow(forged.leaves[:size])
        forged.checkpoint(cosigned_by=rng.randrange(4))
    forged.frontier = log.frontier
    if material.form == "receipt":
        return made(forged.receipt_material(next(iter(material.entries))))
    return made(forged.bundle_material(material.order))


def other_readings(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Leave out, double, swap or change lines of sealed readings."""
    del log
    if not material.readings:
        return made(material)
    index = rng.choice(sorted(material.readings))
    lines = material.readings[index].splitlines(keepends=True)
    match rng.randrange(4):
        case 0:
            lines = lines[1:]
        case 1:
            lines = [*lines, *lines[-1:]]
        case 2:
            rng.shuffle(lines)
        case _:
            lines = [each.replace(b"0", b"1", 1) for each in lines]
    return made(replace(material, readings={**material.readings, index: b"".join(lines)}))


def fewer_parts(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Leave out entries, keys, proofs or earlier checkpoints, and say so in `about.json`."""
    del log
    which = rng.choice(("entries", "keys", "paths", "earlier", "readings"))
    values = dict(getattr(material, which))
    if values:
        del values[rng.choice(sorted(values))]
    paths = {i: p for i, p in material.paths.items() if which != "entries" or i in values}
    changed: dict[str, Any] = {"paths": paths, which: values}
    return made(replace(material, **changed))


def stamped(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Add what claims to be a timestamp."""
    del log
    size = rng.choice((1, 2, max(material.entries) + 1))
    return made(replace(material, timestamps={size: b"0"}))


DAMAGES: Sequence[Callable[[SignedLog, Material, random.Random], bytes]] = (
    raw_bytes,
    member_bytes,
    short_members,
    short_members,
    missing_member,
    renamed_member,
    loose_sums,
    edited_about,
    edited_entry,
    edited_entry,
    rewritten_log,
    rewritten_log,
    rewritten_log,
    other_notes,
    other_past,
    other_past,
    other_readings,
    fewer_parts,
    stamped,
)
