"""Two approvers whose keys are founded and lie in a folder, as the simulator wants them."""

from datetime import UTC, datetime
from pathlib import Path

from custody.key_file import SigningKeyPair, new_key, save_key
from custody.ledger import append
from store.database import Engine, transaction
from store.ledger import get_origin
from unbroken.key_statements import Holder, KeysHead, founding


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
