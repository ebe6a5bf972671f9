"""Named places where a fault test may end the ingest process; docs/flow.md lists them."""

from schemas.kill_at import reached

__all__ = ["KILL_POINTS", "reached"]

KILL_POINTS = (
    "ingest.after_recv",
    "ingest.after_decode",
    "ingest.after_copy",
    "ingest.before_commit",
    "ingest.after_commit_before_ack",
    "ingest.mid_acks",
)
