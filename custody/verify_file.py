"""Step 1: is the file what its maker handed over? Hashing and comparing, nothing is interpreted."""

from collections.abc import Mapping

from custody.bundle_members import (
    FIXED,
    README,
    SUMS,
    Form,
    Part,
    belongs,
    readme,
    sums_of,
)
from custody.container import open_container
from schemas.errors import LedgerCorrupt

READMES = {readme(form): form for form in Form}
"""Which form a README belongs to."""
_ENTRIES = Part.ENTRY.partition("/")[0] + "/"


def open_file(data: bytes) -> tuple[Form, dict[str, bytes]]:
    """Return what kind of file it is, and its members.

    Raises:
        LedgerCorrupt: A byte of it was changed, or a member is missing or does not belong there.
    """
    members = open_container(data)
    if missing := sorted(FIXED - members.keys()):
        message = f"The file has no {missing[0]}."
        raise LedgerCorrupt(message)
    form = READMES.get(members[README])
    if form is None:
        message = "Its README is not the one that receipts or bundles carry."
        raise LedgerCorrupt(message)
    _check_names(members, form)
    if sums_of(members) != members[SUMS]:
        message = "A member's SHA-256 is not the one in SHA256SUMS."
        raise LedgerCorrupt(message)
    return form, members


def _check_names(members: Mapping[str, bytes], form: Form) -> None:
    for name in members:
        if not belongs(name, form):
            message = f"{name} does not belong into a {form}."
            raise LedgerCorrupt(message)
    count = sum(1 for name in members if name.startswith(_ENTRIES))
    if count == 0 or (form is Form.RECEIPT and count > 1):
        message = f"The file has {count} entries; a receipt has one, a bundle at least one."
        raise LedgerCorrupt(message)
