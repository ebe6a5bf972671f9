"""Checkpoints that are not what they should be, and readers who trust this one or that."""

import random
from dataclasses import replace

from custody.bundle import Material
from custody.checkpoint import Checkpoint, sign_checkpoint
from custody.policy import Known, Policy
from tests.support.odd_file import made
from tests.support.signed_case import SignedLog


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
    return made(replace(material, checkpoint=note))


def other_past(log: SignedLog, material: Material, rng: random.Random) -> bytes:
    """Change the proof that an earlier checkpoint grew into the next, or what was signed then."""
    if not material.earlier:
        return made(material)
    size = rng.choice(sorted(material.earlier))
    each = material.earlier[size]
    if rng.random() < 0.3:
        forked = Checkpoint(origin=log.origin, size=size, root=rng.randbytes(32))
        each = replace(each, note=sign_checkpoint(forked, log.pair))
    else:
        path = each.consistency
        changed = rng.choice((path[1:], (*path, bytes(32)), path[::-1], (*path[1:], bytes(32))))
        each = replace(each, consistency=changed)
    return made(replace(material, earlier={**material.earlier, size: each}))
