"""How a scan is refused: one error, what is wrong in a sentence, and what to do in the next."""

from schemas.errors import ScanError

RESCAN = (
    "Scan it again. If it happens again, the label is wrong: set the item aside and tell "
    "whoever printed the label."
)
_LONGEST = 60
RETYPE = "Read the label again and type it as printed."


def refusal(wrong: str, remedy: str = RESCAN) -> ScanError:
    """Return the error to raise: a sentence on what is wrong, and one on what to do."""
    return ScanError(wrong, remedy)


def shown(value: str) -> str:
    """Return a value as it may stand in a sentence: quoted, printable ASCII, not endless."""
    quoted = ascii(value if len(value) <= _LONGEST else value[:_LONGEST] + "...")
    return quoted.replace("'", '"') if '"' not in quoted else quoted
