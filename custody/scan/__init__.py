"""What scanners deliver, as facts: GS1, Digital Link and ISBT 128 labels, read or refused.

Pure: nothing is fetched, nothing stored, no clock read. Documented in `docs/scan.md`.
"""

from custody.scan.carrier import Carrier
from custody.scan.check_character import check_character, has_check_character
from custody.scan.facts import Scan
from custody.scan.label_checks import check_item, check_label_limits
from custody.scan.merge import merge_scans
from custody.scan.read import parse_bracketed, parse_scan, parse_typed_isbt

__all__ = [
    "Carrier",
    "Scan",
    "check_character",
    "check_item",
    "check_label_limits",
    "has_check_character",
    "merge_scans",
    "parse_bracketed",
    "parse_scan",
    "parse_typed_isbt",
]
