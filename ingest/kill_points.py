"""Named places where a fault test may end the process, as a power cut would.

`UNBROKEN_KILL_AT` names one; without it nothing happens. docs/flow.md lists them.
"""

import os
import signal

KILL_POINTS = (
    "ingest.after_recv",
    "ingest.after_decode",
    "ingest.after_copy",
    "ingest.before_commit",
    "ingest.after_commit_before_ack",
    "ingest.mid_acks",
)


def reached(point: str) -> None:
    """End this process at once if a test has asked for it here."""
    if os.environ.get("UNBROKEN_KILL_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)
