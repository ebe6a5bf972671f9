"""Making a file of parts that need not fit together."""

from custody.bundle import Material, members_of, seal_members
from custody.bundle_members import SUMS
from schemas.errors import LedgerCorrupt


def made(material: Material) -> bytes:
    """Return the file, made as far as its parts can be read."""
    try:
        return sealed(members_of(material))
    except (LedgerCorrupt, StopIteration, KeyError, ValueError):
        return b""


def sealed(members: dict[str, bytes]) -> bytes:
    members.pop(SUMS, None)
    return seal_members(members)
