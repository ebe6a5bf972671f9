"""Two approvers whose keys are founded and lie in a folder, as the simulator wants them."""

from datetime import UTC, datetime
from pathlib import Path

from custody.key_file import SigningKeyPair, load_key, new_key, save_key
from custody.keys import current_keys
from custody.ledger import append
from schemas.statement import Seen
from store.database import Engine, transaction
from store.ledger import get_origin
from unbroken.key_statements import Holder, KeysHead, founding, revocation


def found_keys(engine: Engine, folder: Path) -> SigningKeyPair:
    """Make two approvers' keys in a folder and found a log's keys with them and the notary's.

    Returns:
        The notary's key pair.
    """
    folder.mkdir(mode=0o700)
    approvers = [Holder(user=f"approver-{n}", name=f"Approver {n}", pair=new_key()) for n in (1, 2)]
    for one in approvers:
        save_key(folder / f"{one.user}.pem", one.pair)
    notary = Holder(user="notary", name="Unbroken notary", pair=new_key())
    now = datetime.now(UTC)
    with transaction(engine) as session:
        head = KeysHead(log=get_origin(session), seen=None)
        append(session, founding(head, approvers, [notary], now), now)
    return notary.pair


def revoke_key(engine: Engine, folder: Path, key_id: str) -> None:
    """Let a key out, signed by the approvers of a folder."""
    now = datetime.now(UTC)
    with transaction(engine) as session:
        keys = current_keys(session)
        approvers = [
            Holder(user=f"approver-{n}", name=f"Approver {n}", pair=load_key(path))
            for n, path in enumerate(sorted(folder.glob("*.pem")), start=1)
        ]
        head = KeysHead(
            log=get_origin(session), seen=Seen(sequence=keys.sequence, hash=keys.head.hex())
        )
        append(session, revocation(head, [key_id], approvers, now, reason="lost"), now)
