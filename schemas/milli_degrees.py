"""Degrees in hashed documents: whole milli-degrees, told by the name of their field."""

from decimal import Decimal
from enum import StrEnum


def in_milli_degrees(value: object) -> object:
    """Return dictionaries, lists, integers and strings only."""
    match value:
        case dict():
            return dict(_as_milli(key, item) for key, item in value.items())
        case list() | tuple():
            return [in_milli_degrees(item) for item in value]
        case StrEnum():
            return value.value
        case _:
            return value


def _as_milli(key: str, value: object) -> tuple[str, object]:
    if isinstance(value, Decimal):
        return key.removesuffix("_c") + "_mc", int(value * 1000)
    return key, in_milli_degrees(value)


def in_degrees(value: object) -> object:
    """Return milli-degrees as degrees again, under the names of the file."""
    match value:
        case dict():
            return {
                key[:-3] + "_c" if key.endswith("_mc") else key: Decimal(item) / 1000
                if key.endswith("_mc")
                else in_degrees(item)
                for key, item in value.items()
            }
        case list():
            return [in_degrees(item) for item in value]
        case _:
            return value
