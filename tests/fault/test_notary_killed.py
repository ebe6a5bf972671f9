"""Kill -9 of the notary: what was signed is never lost, contradicted, or signed a second way."""

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from custody.checkpoint import Checkpoint, open_checkpoint
from custody.kill_points import KILL_POINTS
from custody.merkle import root_of
from custody.note import VerifierKey, parse_vkey
from custody.second_place import LAST, SecondPlace
from store.checkpoints import list_checkpoints
from store.database import Engine, transaction
from store.ledger_stream import list_leaf_hashes
from tests.support.bare_log import add_entries, cut_off
from tests.support.notary_process import NotaryProcess, notary_process
from tests.support.processes import wait_until

pytestmark = pytest.mark.fault

SIGNED_BY_THEN = {
    point
    for point in KILL_POINTS
    if KILL_POINTS.index(point) >= KILL_POINTS.index("notary.after_second_place_before_history")
}
STORED_BY_THEN = {"notary.after_commit"}


@pytest.fixture
def notary(engine: Engine, tmp_path: Path) -> Iterator[NotaryProcess]:
    with notary_process(engine, tmp_path / "notary") as process:
        yield process


def stored(engine: Engine) -> dict[int, bytes]:
    with transaction(engine) as session:
        return {row.size: row.note for row in list_checkpoints(session)}


def last_signed(notary: NotaryProcess, key: VerifierKey) -> Checkpoint:
    return open_checkpoint((notary.directory / LAST).read_bytes(), [key])


def log_key(engine: Engine) -> VerifierKey:
    with transaction(engine) as session:
        return parse_vkey(list_checkpoints(session)[0].vkey)


def check_signed(engine: Engine, notary: NotaryProcess) -> dict[int, Checkpoint]:
    """Return all that was ever signed: one root a size, all of this log's entries, none lost."""
    key = log_key(engine)
    notes = [*SecondPlace(notary.directory).history(), *stored(engine).values()]
    signed: dict[int, Checkpoint] = {}
    for note in notes:
        found = open_checkpoint(note, [key])
        assert signed.setdefault(found.size, found) == found
    with transaction(engine) as session:
        leaves = list_leaf_hashes(session, max(signed))
    for size, checkpoint in signed.items():
        assert checkpoint.root == root_of(leaves[:size])
    assert set(stored(engine)) == set(signed), "the database lacks a signed checkpoint"
    return signed


def _more_than(engine: Engine, known: int) -> bool:
    return len(stored(engine)) > known


def wait_until_signed(engine: Engine, size: int) -> None:
    assert wait_until(lambda: size in stored(engine), wait_s=30), size


def test_a_kill_at_each_named_point_loses_and_contradicts_nothing(
    engine: Engine, notary: NotaryProcess
) -> None:
    notary.start()
    size = add_entries(engine, 3)
    wait_until_signed(engine, size)
    signed = set(check_signed(engine, notary))
    for point in KILL_POINTS:
        notary.stop()
        before = last_signed(notary, log_key(engine)).size
        size = add_entries(engine, 2)
        notary.start(kill_at=point)
        assert notary.wait() == -signal.SIGKILL, point
        signed_by_then = last_signed(notary, log_key(engine)).size
        assert signed_by_then == (size if point in SIGNED_BY_THEN else before), point
        assert (size in stored(engine)) == (point in STORED_BY_THEN), point
        add_entries(engine, 1)
        notary.start()
        wait_until_signed(engine, size + 1)
        now_signed = set(check_signed(engine, notary))
        assert signed <= now_signed
        assert (size in now_signed) == (point in SIGNED_BY_THEN), point
        signed = now_signed


def test_a_kill_at_the_very_first_signature_leaves_one_key_and_one_log(
    engine: Engine, notary: NotaryProcess
) -> None:
    size = add_entries(engine, 3)
    for point in KILL_POINTS:
        notary.start(kill_at=point)
        if notary.wait() != -signal.SIGKILL:  # pragma: no cover - says which
            pytest.fail(point)
        if size in stored(engine):
            break
        size = add_entries(engine, 1)
    notary.start()
    wait_until_signed(engine, size)
    check_signed(engine, notary)


def test_kills_at_random_moments_lose_and_contradict_nothing(
    engine: Engine, notary: NotaryProcess
) -> None:
    random = Random(3)  # noqa: S311 - the same each time
    size = add_entries(engine, 1)
    signed: set[int] = set()
    for _ in range(6):
        notary.start()
        known = len(stored(engine))
        assert wait_until(partial(_more_than, engine, known), wait_s=30)
        for _ in range(random.randrange(1, 30)):
            size = add_entries(engine, 1)
        notary.kill()
        assert signed <= set(stored(engine))
        signed = set(stored(engine))
        size = add_entries(engine, 1)
    notary.start()
    wait_until_signed(engine, size)
    assert signed <= set(check_signed(engine, notary))


def test_an_old_backup_is_refused_by_a_notary_that_stays_up(
    engine: Engine, notary: NotaryProcess
) -> None:
    notary.start()
    wait_until_signed(engine, add_entries(engine, 8))
    last = last_signed(notary, log_key(engine))
    notary.kill()
    cut_off(engine, 5)
    notary.start()
    assert wait_until(lambda: "critical" in _alerts(engine), wait_s=30)
    add_entries(engine, 6, salt="after the backup")
    assert wait_until(lambda: "rewritten" in _alerts(engine), wait_s=30)
    assert notary.process is not None
    assert notary.process.poll() is None
    assert last_signed(notary, log_key(engine)) == last
    assert max(stored(engine)) == last.size
    assert "the notary cannot do its work" in notary.output


def _alerts(engine: Engine) -> str:
    with transaction(engine) as session:
        rows = session.connection().execute(text("SELECT severity || ' ' || detail FROM alert"))
        return "\n".join(rows.scalars())
