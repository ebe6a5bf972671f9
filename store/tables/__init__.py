"""The tables, one module a group of nouns. Importing this package registers all of them.

A `table=True` model does not validate on construction: build rows with `model_validate`.
"""

from store.tables import (
    alerts,
    checkpoints,
    equipment,
    judgement,
    ledger,
    orders,
    parties,
    seals,
    shipments,
    sign_in,
    signing_keys,
    telemetry,
    therapies,
)

__all__ = [
    "alerts",
    "checkpoints",
    "equipment",
    "judgement",
    "ledger",
    "orders",
    "parties",
    "seals",
    "shipments",
    "sign_in",
    "signing_keys",
    "telemetry",
    "therapies",
]
