"""Files that are not what they should be: what two verifiers must judge alike.

A case follows from its number: a signed log, something wrong with it or with a file made of it, and
whom the reader trusts. Some damage is done with the log's own key, as by an operator who cheats.
"""

import base64
import json
import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from custody.bundle import Material, members_of, seal_members
from custody.bundle_members import SUMS, sums_of
from custody.canonical import encode
from custody.container import build
from custody.entry import KEYS_CHAIN
from custody.merkle import grow, leaf_hash
from custody.policy import Known, Policy
from schemas.errors import LedgerCorrupt
from tests.support.signed_case import SignedLog

Members = dict[str, bytes]

SCRAPS = (
    *(b"", b" ", b"\n", b"\r", b"\t", b"\x00", b"\x1f", b"\x7f", b"0", b"-", b"1", b"=", b"+"),
    *(b"\xff", b"\xc3\xa9", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf0\x9f\xa7\xac"),
    *(b"null", b"true", b"1e3", b"1.0", b'"', b"\\u0041", b"\\ud800", b"9007199254740993", b","),
    *(b"\n\n", b"\xe2\x80\x94 ", b"#", b"log", b"quorum none\n", b"}", b"[]", b"none", b"any"),
)
"""What is put in at a random place: each has made some reader of text differ from another."""

VALUES: tuple[Any, ...] = (
    *(None, "", 0, 1, -1, 2**53 - 1, 2**53, [], {}, "x", "a" * 64, "0" * 64, True, "no", "yes"),
    *("2026-02-30T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "2026-11-01T06:00:00.000Z", "é\n"),
    *("maker", "courier", "clinic", "offer", "accept", "store", "correct", "signer", "verifier"),
    *(
        "\N{DNA DOUBLE HELIX}" * 2000,
        "\N{DNA DOUBLE HELIX}" * 2001,
        "x" * 90,
        "x" * 91,
        " x",
        ["x"],
    ),
)
"""What a field is changed into."""


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
    order = rng.choice([name for name in log.chains if name != KEYS_CHAIN])
    bundle = log.bundle_material(order)
    receipt = log.receipt_material(rng.randrange(len(log.entries)))
    found = [
        Case(what=f"undamaged {each.form}", data=_sealed(members_of(each)), policy=policy(log, rng))
        for each in (bundle, receipt)
    ]
    for _ in range(count):
        material = rng.choice((bundle, bundle, receipt))
        damage = rng.choice(DAMAGES)
        data = damage(log, material, rng)
        found.append(Case(what=damage.__name__, data=data, policy=policy(log, rng)))
    return found


def policy(log: SignedLog, rng: random.Random) -> bytes | None:
    """Return whom a reader trusts: nobody, the log, its witnesses, or others."""
    own, other = log.policy, SignedLog(2**40, witnesses=2)
    stranger = other.policy.witnesses["w0"]
    witnesses = dict(list(own.witnesses.items())[: rng.randrange(4)]) | {"stranger": stranger}
    choices: tuple[Policy | None, ...] = (
        *(None, None, own, Policy(logs=own.logs), other.policy, replace(own, logs=())),
        Policy(logs=own.logs, witnesses=witnesses, quorum="stranger"),
        Policy(logs=own.logs, witnesses=witnesses, quorum=rng.choice(list(witnesses))),
        Policy(logs=(*other.policy.logs, Known(key=log.log_key))),
    )
    chosen = rng.choice(choices)
    return None if chosen is None else chosen.to_bytes()


def raw_bytes(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change the file's own bytes."""
    del log
    return _changed(_sealed(members_of(material)), rng)


def member_bytes(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change bytes of a member, and make sums and container fit again."""
    del log
    members = members_of(material)
    name = rng.choice(sorted(members))
    members[name] = _changed(members[name], rng)
    return _sealed(members)


def short_members(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change bytes of a member that people write: policy, about, consistency, readings, notes."""
    del log
    members = members_of(material)
    wordy = [each for each in members if not each.startswith(("keys", "entries", "README", "hand"))]
    name = rng.choice(sorted(wordy))
    members[name] = _changed(members[name], rng)
    return _sealed(members)


def missing_member(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Take members out."""
    del log
    members = members_of(material)
    for name in rng.sample(sorted(members), rng.randrange(1, 3)):
        del members[name]
    return _sealed(members)


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
    return _sealed(members)


def loose_sums(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change a member, or the sums, but leave the sums as they were or worse."""
    del log
    members = members_of(material)
    members[SUMS] = sums_of(members)
    name = rng.choice(sorted(members))
    members[name] = _changed(members[name], rng)
    return build(members)


def edited_about(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change a field of `about.json`, canonically."""
    del log
    members = members_of(material)
    members["about.json"] = _edited(members["about.json"], rng)
    return _sealed(members)


def edited_entry(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change a field of an entry, canonically; the tree is not made again."""
    del log
    entries = material.entries if rng.random() < 0.6 or not material.keys else material.keys
    index = rng.choice(sorted(entries))
    changed = {**entries, index: _edited_entry(entries[index], rng)}
    if entries is material.entries:
        return _made(replace(material, entries=changed))
    return _made(replace(material, keys=changed))


def rewritten_log(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change entries, make the tree again and sign it: an operator who rewrites history."""
    forged = SignedLog(0)
    forged.__dict__ |= log.__dict__ | {"entries": list(log.entries), "notes": {}}
    shown = sorted({*material.entries, *material.keys})
    for index in rng.sample(shown, min(len(shown), rng.randrange(1, 3))):
        forged.entries[index] = _edited_entry(forged.entries[index], rng)
    forged.leaves = [leaf_hash(each) for each in forged.entries]
    for size in log.notes:
        forged.frontier = grow(forged.leaves[:size])
        forged.checkpoint(cosigned_by=rng.randrange(4))
    forged.frontier = log.frontier
    if material.form == "receipt":
        return _made(forged.receipt_material(next(iter(material.entries))))
    return _made(forged.bundle_material(material.order))


def other_notes(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change lines of the checkpoint: left out, twice, another's, an extension, or not signed."""
    del log
    *body, rest = material.checkpoint.split(b"\n\n")
    lines = rest.splitlines(keepends=True)
    match rng.randrange(5):
        case 0:
            lines = rng.sample(lines, rng.randrange(1, len(lines) + 1))
        case 1:
            lines.append(rng.choice(lines))
        case 2:
            lines.append(b"\xe2\x80\x94 somebody AAAAAAAA\n")
        case 3:
            body[0] += b"\nan extension"
        case _:
            lines[-1] = lines[-1].replace(b"A", b"B")
    note = b"\n\n".join((*body, b"".join(lines)))
    return _made(replace(material, checkpoint=note))


def other_readings(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Leave out, double, swap or change lines of sealed readings."""
    del log
    if not material.readings:
        return _made(material)
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
    return _made(replace(material, readings={**material.readings, index: b"".join(lines)}))


def fewer_parts(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Leave out entries, keys, proofs or earlier checkpoints, and say so in `about.json`."""
    del log
    which = rng.choice(("entries", "keys", "paths", "earlier", "readings"))
    values = dict(getattr(material, which))
    if values:
        del values[rng.choice(sorted(values))]
    paths = {i: p for i, p in material.paths.items() if which != "entries" or i in values}
    changed: dict[str, Any] = {"paths": paths, which: values}
    return _made(replace(material, **changed))


def stamped(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Add what claims to be a timestamp."""
    del log
    size = rng.choice((1, 2, max(material.entries) + 1))
    return _made(replace(material, timestamps={size: b"0"}))


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
    other_readings,
    fewer_parts,
    stamped,
)


def _made(material: Material) -> bytes:
    """Return the file, made as far as its parts can be read."""
    try:
        return _sealed(members_of(material))
    except (LedgerCorrupt, StopIteration, KeyError, ValueError):
        return b""


def _sealed(members: Members) -> bytes:
    members.pop(SUMS, None)
    return seal_members(members)


def _changed(data: bytes, rng: random.Random) -> bytes:
    """Flip a bit, cut, or put something in."""
    at = rng.randrange(len(data) + 1)
    match rng.randrange(5):
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + rng.randrange(1, 5) :]
        case 2:
            lines = data.splitlines(keepends=True)
            rng.shuffle(lines)
            return b"".join(lines)
        case 3:
            return data[:at]
        case _:
            return data[:at] + rng.choice(SCRAPS) + data[at + rng.randrange(2) :]


def _edited_entry(data: bytes, rng: random.Random) -> bytes:
    """Change a field of the entry, or of what was said in it."""
    if rng.random() < 0.4:
        return _edited(data, rng)
    entry = json.loads(data)
    payload = base64.b64decode(entry["envelope"]["payload"])
    entry["envelope"]["payload"] = base64.b64encode(_edited(payload, rng)).decode()
    return _canonical(entry)


def _edited(data: bytes, rng: random.Random) -> bytes:
    """Change a random field of canonical JSON, into anything or into what another field says."""
    document = json.loads(data)
    places = list(_places(document))
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.append(holder[key])
        case 2:
            other, name = rng.choice(places)
            holder[key] = deepcopy(other[name])
        case 3 if isinstance(holder[key], int):
            holder[key] += rng.choice((-1, 1))
        case 4 if isinstance(holder[key], str) and holder[key]:
            holder[key] = _changed(holder[key].encode(), rng).decode(errors="ignore")
        case _:
            holder[key] = rng.choice(VALUES)
    return _canonical(document)


def _canonical(document: Any) -> bytes:
    """Return canonical bytes, or for what has none something near."""
    try:
        return encode(document)
    except LedgerCorrupt:
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a document that holds a value."""
    if isinstance(value, dict):
        items: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return []
    return [(value, key) for key, _ in items] + [
        place for _, each in items for place in _places(each)
    ]
