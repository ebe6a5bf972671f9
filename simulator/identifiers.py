"""Identifiers that scan: GS1 keys with right check digits under GS1's demonstration prefix 952."""

from uuid import UUID, uuid5

COMPANY_PREFIX = "9521141"
"""GS1 reserves prefix 952 for demonstrations: these numbers can belong to nobody."""

_NAMESPACE = UUID("6f1d0f5e-52c4-5a52-9f6a-4c1f2b2d7a11")


def check_digit(digits: str) -> int:
    """Return the GS1 check digit of `digits` (GS1 General Specifications 7.9.1)."""
    weighted = sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits)))
    return -weighted % 10


def gln(location: int) -> str:
    """Return the 13-digit GLN of a location, 0 ≤ location < 100,000."""
    body = f"{COMPANY_PREFIX}{location:05d}"
    return f"{body}{check_digit(body)}"


def gtin(item: int) -> str:
    """Return the 14-digit GTIN of an item reference, 0 ≤ item < 100,000."""
    body = f"0{COMPANY_PREFIX}{item:05d}"
    return f"{body}{check_digit(body)}"


def grai(asset: int, serial: str) -> str:
    """Return the GRAI of one returnable asset: a zero, 13 digits with check digit, the serial."""
    body = f"{COMPANY_PREFIX}{asset:05d}"
    return f"0{body}{check_digit(body)}{serial}"


def derived_uuid(*parts: object) -> UUID:
    """Return the same UUID for the same parts, on every run."""
    return uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts))
