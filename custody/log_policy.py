"""The policy this installation goes by: its own log's key, its witnesses, its quorum."""

from dataclasses import replace
from pathlib import Path

from custody.note import parse_vkey
from custody.policy import Known, Policy, parse_policy
from schemas.errors import ConfigurationError


def read_policy(path: Path | None) -> Policy:
    """Return the policy of a file; without one, nobody is asked and no quorum is needed.

    Raises:
        ConfigurationError: The file cannot be read, or is no policy.
    """
    if path is None:
        return Policy()
    try:
        return parse_policy(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"The witness policy {path} cannot be read: {error.strerror}."
        ) from error


def log_policy(policy: Policy, vkey: str) -> Policy:
    """Return the policy with this log's key alone, as receipts and bundles claim it.

    Args:
        policy: As of `read_policy`.
        vkey: The log's verifier key, as `ledger_checkpoint.vkey` has it.

    Raises:
        LedgerCorrupt: It is no verifier key.
    """
    return replace(policy, logs=(Known(key=parse_vkey(vkey)),))
