"""What a demo's ledger needs to be signed and witnessed: invented approvers, and three witnesses.

All of it lies on one machine, so it proves nothing to anybody: it shows how it works.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from custody.key_file import load_or_make_key
from custody.keys import current_keys
from custody.ledger import append
from custody.log_policy import log_policy
from custody.note import VerifierKey, parse_vkey
from custody.policy import Group, Known, Policy
from custody.second_place import SecondPlace, log_vkey, second_place_dir
from custody.witness_book import open_witness
from schemas.settings import Settings
from store.checkpoints import find_last_checkpoint
from store.database import Engine, transaction
from store.ledger import get_origin
from unbroken.data_dir import write_private
from unbroken.key_statements import Holder, KeysHead, founding, notary_holder
from unbroken.ports import LOOPBACK, free_port

_KEYS = "demo-keys"
_WITNESSES = "witnesses"
_POLICY = "policy.txt"
_APPROVERS = {"demo-approver-1": "Demo approver 1", "demo-approver-2": "Demo approver 2"}
_NAMES = ("maker", "courier", "pharmacy")
_QUORUM = 2
_ABOUT_KEYS = (
    "DEMO KEYS. They let the simulated desks' keys into the demo's ledger. Anybody who can read\n"
    "this folder can sign with them. Never use them, or a ledger founded with them, for real.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWitness:
    """A witness of the demo: its name here, its folder and its port."""

    name: str
    folder: Path
    port: int
    log: str

    def arguments(self) -> list[str]:
        """Return the same as arguments of `unbroken witness`."""
        return ["--data", str(self.folder), "--log", self.log, "--port", str(self.port)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLedger:
    """The files around a demo's ledger.

    Attributes:
        approvers: Folder with the private keys of two invented approvers.
        policy: Whom to trust: the log, and two of three witnesses.
        witnesses: Those three.
    """

    approvers: Path
    policy: Path
    witnesses: tuple[DemoWitness, ...]


def demo_ledger(engine: Engine, settings: Settings, place: Path, now: datetime) -> DemoLedger:
    """Return the demo's approvers and witnesses, made at the first start; found the keys once.

    Args:
        engine: The database, up to date.
        settings: Say where the notary's keys lie.
        place: The data directory.
        now: Aware.

    Raises:
        ConfigurationError: A key is missing or readable by others.
    """
    approvers = place / _KEYS
    _found(engine, settings, approvers, now)
    log = _log_key(engine, settings)
    witnesses: dict[str, DemoWitness] = {}
    known: dict[str, Known] = {}
    for name in _NAMES:
        folder = place / _WITNESSES / name
        port = _free_port_but(one.port for one in witnesses.values())
        witnesses[name] = DemoWitness(name=name, folder=folder, port=port, log=log.to_text())
        known[name] = Known(key=_witness_key(folder, name), url=f"http://{LOOPBACK}:{port}/")
    policy = Policy(
        witnesses=known, groups={"demo": Group(threshold=_QUORUM, members=_NAMES)}, quorum="demo"
    )
    file = place / _WITNESSES / _POLICY
    file.write_bytes(log_policy(policy, log.to_text()).to_bytes())
    return DemoLedger(approvers=approvers, policy=file, witnesses=tuple(witnesses.values()))


def _found(engine: Engine, settings: Settings, folder: Path, now: datetime) -> None:
    """Found the keys of a log that has none, with two invented approvers and the notary."""
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / "README.txt", _ABOUT_KEYS)
    approvers = [
        Holder(user=user, name=name, pair=load_or_make_key(folder / f"{user}.pem"))
        for user, name in _APPROVERS.items()
    ]
    notary = notary_holder(settings)
    with transaction(engine) as session:
        if current_keys(session).sequence == 0:
            head = KeysHead(log=get_origin(session), seen=None)
            append(session, founding(head, approvers, [notary], now), now)


def _log_key(engine: Engine, settings: Settings) -> VerifierKey:
    """Return the key under which the log is known, or will be: its notary may not run yet."""
    with transaction(engine) as session:
        origin, last = get_origin(session), find_last_checkpoint(session)
    if last is not None:
        return parse_vkey(last.vkey)
    second = SecondPlace(second_place_dir(settings))
    with second.claimed():
        pair = second.load_key() if second.has_key() else second.make_key()
    return log_vkey(origin, pair)


def _witness_key(folder: Path, name: str) -> VerifierKey:
    known, book = open_witness(folder, f"witness.{name}.demo", {})
    book.close()
    return known.key


def _free_port_but(taken: Iterable[int]) -> int:
    used = set(taken)
    while (port := free_port()) in used:
        pass
    return port
