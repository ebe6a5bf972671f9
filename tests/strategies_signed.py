"""Strategies for signed logs: each follows from a seed, so that a failure can be made again."""

from hypothesis import strategies as st

from tests.support.signed_walk import signed_log

seeds = st.integers(0, 2**32 - 1)
signed_logs = st.builds(
    signed_log,
    seeds,
    orders=st.integers(1, 3),
    length=st.integers(1, 14),
    witnesses=st.integers(0, 3),
    churn=st.booleans(),
)
"""Lawful logs with keys that come and go, conflicts, seals, earlier checkpoints, cosignatures."""
