"""Named places where a fault test may end the notary (docs/notary.md), or who appends."""

KILL_POINTS = (
    "notary.before_signing",
    "notary.before_second_place",
    "notary.second_place_half_written",
    "notary.after_second_place_before_history",
    "notary.history_half_written",
    "notary.after_second_place_before_database",
    "notary.before_commit",
    "notary.after_commit",
)

LEDGER_KILL_POINTS = ("ledger.before_insert", "ledger.after_insert_before_head")
"""Under the log's lock, in whichever process records a statement."""
