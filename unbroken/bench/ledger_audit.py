"""Audits of a long log, each in a process of its own, and proofs out of it."""

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from time import perf_counter, process_time

from custody.audit import audit
from custody.audit_state import AuditState, parse_audit_state
from custody.ed25519 import verify as verify_signature
from custody.entry import parse_entry
from custody.keys import current_keys
from custody.merkle import leaf_hash
from custody.tree import stored_consistency_proof, stored_inclusion_proof
from store.database import Engine, open_engine, transaction
from store.ledger import read_head
from store.ledger_stream import stream_by_index

SIZES = (1_000, 100_000, 1_000_000)
"""Sizes of the log at which proofs are timed, if it has reached them."""
_CEILING_ENTRIES = 50_000
_PROOFS = 200


def apart(url: str, since: str | None) -> dict[str, object]:
    """Return what a fresh process measures of an audit: its memory is its own.

    Args:
        url: The database.
        since: Text of the `AuditState` to go on from; None audits everything.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_audited, url, since).result()


def _audited(url: str, since: str | None) -> dict[str, object]:
    """Audit the log, then do the bare cryptography of its newest entries; in seconds and MiB."""
    engine = open_engine(url)
    before = _peak_mib()
    state: AuditState | None = None if since is None else parse_audit_state(since)
    with transaction(engine) as session:
        began, worked = perf_counter(), process_time()
        report = audit(session, since=state)
        seconds, cpu_seconds = perf_counter() - began, process_time() - worked
    assert report.ok, report.sentence
    peak = _peak_mib()
    return {
        "size": report.size,
        "entries": report.entries,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "grew_mib": peak - before,
        "peak_mib": peak,
        "bare_us": _bare_us(engine, report.size),
        "state": report.state.to_text(),
    }


def _bare_us(engine: Engine, size: int) -> float:
    """Return µs of one core an entry: SHA-256 over its bytes, Ed25519 over its statement."""
    with transaction(engine) as session:
        keys = {key: each.public for key, each in current_keys(session).keys.items()}
        rows = stream_by_index(session, size, first=max(1, size - _CEILING_ENTRIES))
        data = [row.entry_bytes for row in rows]
    work = []
    for each in data:
        envelope = parse_entry(each).envelope
        (one,) = envelope.signatures
        work.append((each, keys[one.key_id], one.signature, envelope.pae))
    began = process_time()
    for each, public, signature, pae in work:
        leaf_hash(each)
        assert verify_signature(public, signature, pae), "a signature does not hold"
    return (process_time() - began) / len(work) * 1e6


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def compared(
    first: dict[str, object], whole: dict[str, object], new: dict[str, object]
) -> dict[str, object]:
    """Return the numbers of the audits of a tenth, of the whole log and of what is new."""

    def of(found: dict[str, object], name: str) -> float:
        return float(str(found[name]))

    us = of(whole, "seconds") / of(whole, "entries") * 1e6
    cpu_us = of(whole, "cpu_seconds") / of(whole, "entries") * 1e6
    return {
        "audit_entries": whole["entries"],
        "audit_s": round(of(whole, "seconds"), 1),
        "audit_s_per_million": round(us, 1),
        "audit_cpu_s_per_million": round(cpu_us, 1),
        "bare_s_per_million": round(of(whole, "bare_us"), 1),
        "audit_times_bare": round(cpu_us / of(whole, "bare_us"), 2),
        "audit_peak_mib_at_tenth": first["peak_mib"],
        "audit_peak_mib": whole["peak_mib"],
        "new_entries": new["entries"],
        "new_audit_s": round(of(new, "seconds"), 2),
    }


def proofs(engine: Engine) -> dict[str, object]:
    """Return the mean time of a proof at sizes that the log has reached, ms."""
    out: dict[str, object] = {}
    with transaction(engine) as session:
        size = read_head(session).size
        for wanted in (each for each in SIZES if each <= size):
            step = max(wanted // _PROOFS, 1)
            places = list(islice(range(1, wanted, step), _PROOFS))
            began = perf_counter()
            for index in places:
                stored_inclusion_proof(session, index, wanted)
            middle = perf_counter()
            for old in places:
                stored_consistency_proof(session, old, wanted)
            end = perf_counter()
            out[f"inclusion_ms_{wanted}"] = round((middle - began) / len(places) * 1e3, 2)
            out[f"consistency_ms_{wanted}"] = round((end - middle) / len(places) * 1e3, 2)
    return out
