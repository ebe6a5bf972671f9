"""What an audit may believe from outside of the database: keys, and heads that others keep."""

from collections.abc import Sequence
from pathlib import Path

from custody.audit_checkpoints import Trust, Witness
from custody.checkpoint import open_checkpoint
from custody.log_policy import read_policy
from custody.note import VerifierKey
from custody.second_place import SecondPlace, log_vkey, second_place_dir
from schemas.errors import ConfigurationError, LedgerCorrupt
from schemas.settings import Settings


def gather_trust(settings: Settings, origin: str, heads: Sequence[Path] = ()) -> Trust:
    """Return the log's key and last checkpoint from the second place, the witnesses, and heads.

    To be called before the database is read: what was signed was stored before.

    Args:
        settings: Say where the second place and the witness policy are.
        origin: The log's name.
        heads: Files with signed checkpoints that others kept: a witness, a phone, a paper.

    Raises:
        ConfigurationError: A head cannot be checked, because the log's key is not here, or is not
            of this log; or the policy cannot be read.
        LedgerCorrupt: The second place is not as it was left.
    """
    policy = read_policy(settings.witness_policy)
    place = SecondPlace(second_place_dir(settings))
    key = log_vkey(origin, place.load_key()) if place.has_key() else _named(policy.log_keys, origin)
    found = [_read_head(path, key) for path in heads]
    if place.has_key() and key is not None and (last := place.last(key)) is not None:
        head = last.checkpoint
        found.append(Witness(source="The log's second place", size=head.size, root=head.root))
    return Trust(log_key=key, witness_keys=policy.witness_keys, heads=tuple(found))


def _named(keys: Sequence[VerifierKey], origin: str) -> VerifierKey | None:
    return next((key for key in keys if key.name == origin), None)


def _read_head(path: Path, key: VerifierKey | None) -> Witness:
    if key is None:
        raise ConfigurationError(
            "A head can only be checked with the log's key, which is neither in the second place "
            "(UNBROKEN_LOG_DIR) nor in the witness policy."
        )
    try:
        head = open_checkpoint(path.read_bytes(), [key])
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except LedgerCorrupt as error:
        raise ConfigurationError(f"{path} is no checkpoint of this log: {error}") from error
    return Witness(source=f"The head in {path.name}", size=head.size, root=head.root)
