"""Witnesses of a stored log: real ones, and a policy that names them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from custody.note import VerifierKey
from custody.policy import Group, Known, Policy
from custody.second_place import SecondPlace, log_vkey
from custody.witness_book import open_witness
from store.database import transaction
from store.ledger import get_origin
from tests.support.witness_server import served_witness


def log_key(engine: Engine, place: SecondPlace) -> VerifierKey:
    """Return the log's key, made if the notary has not begun."""
    pair = place.load_key() if place.has_key() else place.make_key()
    with transaction(engine) as session:
        return log_vkey(get_origin(session), pair)


@contextmanager
def witness(folder: Path, name: str, log: VerifierKey) -> Iterator[Known]:
    """Serve a witness of the log; in the same folder again it remembers."""
    own, book = open_witness(folder / name, name, {log.name: (log,)})
    try:
        with served_witness(own, book) as url:
            yield Known(key=own.key, url=url)
    finally:
        book.close()


@contextmanager
def witnesses(folder: Path, names: Sequence[str], log: VerifierKey) -> Iterator[dict[str, Known]]:
    """Serve several witnesses; by name."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(witness(folder, name, log)) for name in names}


def k_of(k: int, known: dict[str, Known]) -> Policy:
    """Return the policy that asks for k of these witnesses."""
    group = Group(threshold=k, members=tuple(known))
    return Policy(witnesses=known, groups={"quorum-of-all": group}, quorum="quorum-of-all")
