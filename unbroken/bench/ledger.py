"""The custody ledger: appends, audits beside bare cryptography, proofs, bundles."""

import json as json_text
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from store.database import Engine, open_engine, transaction
from store.ledger import read_head
from unbroken.bench.ledger_appends import appends, bundle_verified, primitives
from unbroken.bench.ledger_audit import SIZES, apart, compared, proofs
from unbroken.bench.ledger_log import found, grow
from unbroken.bench.ledger_statements import STATEMENTS, Parties
from unbroken.embedded_postgres import embedded_postgres
from unbroken.reach_database import SERVER_OPTIONS, bring_up_to_date

_MILLION = 1_000_000
_NEW = 10_000
_FIRST_ORDER = 1_000_000


def run(*, json: bool = False, entries: int = _MILLION) -> dict[str, object]:
    """Measure, print and return the numbers.

    The log is made of real signed statements in memory and copied into an embedded PostgreSQL,
    which takes minutes and is not measured. Each audit is a process of its own with one thread;
    the database runs beside it.

    Args:
        json: Print one JSON object instead of words.
        entries: Entries of the long log.

    Raises:
        AssertionError: An audit, a bundle or the number of entries was not as it must be.
    """
    with tempfile.TemporaryDirectory(prefix="unbroken-bench-") as name:
        place = Path(name)
        place.chmod(0o755)
        with embedded_postgres(place / "postgres", options=SERVER_OPTIONS) as server:
            bring_up_to_date(server.url)
            engine = open_engine(server.url)
            try:
                numbers = _measure(engine, server.url, entries, quiet=json)
            finally:
                engine.dispose()
    print(json_text.dumps(numbers) if json else _words(numbers))
    return numbers


def _measure(engine: Engine, url: str, entries: int, *, quiet: bool) -> dict[str, object]:
    parties = found(engine)
    numbers: dict[str, object] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}",
        **primitives(parties),
        **appends(engine, parties),
        **bundle_verified(engine, parties),
    }
    say: Callable[[str], None] = (lambda _: None) if quiet else print
    tenth = _grown(engine, parties, entries // 10, say)
    first = apart(url, None)
    _grown(engine, parties, entries, say, first=_FIRST_ORDER + tenth)
    whole = apart(url, None)
    _grown(engine, parties, int(str(whole["size"])) + _NEW, say, first=2 * _FIRST_ORDER)
    new = apart(url, str(whole["state"]))
    return numbers | compared(first, whole, new) | proofs(engine)


def _grown(
    engine: Engine,
    parties: Parties,
    size: int,
    say: Callable[[str], None],
    first: int = _FIRST_ORDER,
) -> int:
    """Grow the log to about `size` entries, and return how many orders that took."""
    with transaction(engine) as session:
        orders = max((size - read_head(session).size) // STATEMENTS, 1)
    say(f"Making {orders * STATEMENTS:,} entries …")
    began = perf_counter()
    grow(engine, parties, first, orders)
    say(f"  made in {perf_counter() - began:.0f} s, which is not measured.")
    return orders


def _words(numbers: dict[str, object]) -> str:
    timed = "; ".join(
        f"{size:,}: {numbers[f'inclusion_ms_{size}']} and {numbers[f'consistency_ms_{size}']} ms"
        for size in SIZES
        if f"inclusion_ms_{size}" in numbers
    )
    words = (
        "Recording: {appends_per_s:,} statements/s by one writer "
        "({appends_share_of_commits_pct} % of {bare_commits_per_s:,} bare durable commits/s), "
        "{appends_per_s_8_writers:,}/s by eight ({bare_commits_per_s_8_writers:,} commits/s).\n"
        "Bare: {signatures_per_s:,} signatures/s, {verifications_per_s:,} verifications/s, "
        "{hashes_per_s:,} hashes/s.\n"
        "Audit of {audit_entries:,} entries: {audit_s} s, {audit_s_per_million} s a million. Of "
        "one core it took {audit_cpu_s_per_million} s a million, {audit_times_bare} times SHA-256 "
        "and Ed25519 alone ({bare_s_per_million} s).\n"
        "Memory at its peak: {audit_peak_mib_at_tenth} MiB at a tenth of the log, "
        "{audit_peak_mib} MiB at the whole.\n"
        "Audit of {new_entries:,} new entries alone: {new_audit_s} s.\n"
        "Bundle of {bundle_entries} entries ({bundle_kib} KiB): verified in {bundle_verify_s} s.\n"
        "Proofs of inclusion and consistency at a size of "
    )
    return f"{words.format(**numbers)}{timed}.\n{numbers['machine']}"
