"""Changing a file byte by byte: `python -m tests.support.mutate FILE [--deep] [--stride N]`.

Shallow: each byte of the file becomes another; the verifier must find a fault. Deep: whoever
changed a byte of a member made the ZIP and `SHA256SUMS` anew; a later step must find a fault.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from custody.bundle_members import POLICY, README, SUMS, Form
from custody.verify import check_opened, verify
from custody.verify_file import open_file
from custody.verify_form import read_members
from custody.verify_opened import Unreadable
from schemas.errors import LedgerCorrupt

CLAIMS = {POLICY}
"""What a file claims about itself and nothing in it binds, once `SHA256SUMS` is made anew."""
NOT_READ = {README, SUMS}
"""What step 1 compares, and a forger would make anew."""


def shallow(data: bytes, *, stride: int = 1, seed: int = 0) -> Iterator[int]:
    """Yield the positions at which a changed byte is not found; none is right."""
    rng = Random(seed)  # noqa: S311 - tests repeat
    changed = bytearray(data)
    for at in range(rng.randrange(stride), len(data), stride):
        changed[at] ^= rng.randrange(1, 256)
        if _passes_step_1(bytes(changed)) and verify(bytes(changed)).ok:
            yield at
        changed[at] = data[at]


def deep(
    data: bytes, *, stride: int = 1, seed: int = 0, without: frozenset[str] = frozenset()
) -> Iterator[tuple[str, int]]:
    """Yield members and positions at which a change is not found after step 1; none is right."""
    rng = Random(seed)  # noqa: S311 - tests repeat
    form, members = open_file(data)
    for name in sorted(members.keys() - CLAIMS - NOT_READ - without):
        whole = members[name]
        for at in range(rng.randrange(stride), len(whole), stride):
            changed = bytearray(whole)
            changed[at] ^= rng.randrange(1, 256)
            if _passes_later_steps({**members, name: bytes(changed)}, form):
                yield name, at


def _passes_step_1(data: bytes) -> bool:
    try:
        open_file(data)
    except LedgerCorrupt:
        return False
    return True


def _passes_later_steps(members: Mapping[str, bytes], form: Form) -> bool:
    try:
        return check_opened(read_members(members, form), None).ok
    except Unreadable:
        return False


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def main() -> int:
    """Change every byte of a file, and return 1 if a change was not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("--stride", type=int, default=1)
    asked = parser.parse_args()
    data, began = asked.file.read_bytes(), time.monotonic()
    if not verify(data).ok:
        _say(f"{asked.file} has faults as it is.")
        return 1
    run = deep if asked.deep else shallow
    missed = list(run(data, stride=asked.stride))
    for each in missed:
        _say(f"not found: {each}")
    seconds = time.monotonic() - began
    _say(f"{len(data)} bytes, every {asked.stride}: {len(missed)} not found, {seconds:.0f} s.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
