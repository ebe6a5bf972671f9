"""Where a fault test may end a process, as a power cut would.

`UNBROKEN_KILL_AT` names one place; without it nothing happens. Each service lists its own:
`ingest.kill_points`, `custody.kill_points`.
"""

import os
import signal


def reached(point: str) -> None:
    """End this process at once if a test has asked for it here."""
    if os.environ.get("UNBROKEN_KILL_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)
