"""The notary on both databases: what it signs fits, and what does not fit it refuses aloud."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from custody.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from custody.key_file import SigningKeyPair, new_key
from custody.merkle import check_consistency, root_of
from custody.notary import Notary, Plan
from custody.note import parse_vkey
from custody.second_place import HISTORY, KEY, LAST, SecondPlace
from custody.tree import stored_consistency_proof
from store.checkpoints import (
    CheckpointRow,
    find_checkpoint,
    find_first_over,
    find_last_checkpoint,
    insert_checkpoint,
    list_checkpoints,
)
from store.database import transaction
from store.ledger_stream import list_leaf_hashes
from tests.support.bare_log import add_entries, as_superuser, cut_off
from tests.support.custody_case import NOW

pytestmark = pytest.mark.store

PLAN = Plan(every=timedelta(seconds=10), entries=5)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[SecondPlace]:
    place = SecondPlace(tmp_path / "notary")
    with place.claimed():
        yield place


@pytest.fixture
def notary(engine: Engine, place: SecondPlace) -> Notary:
    return Notary(engine, place, PLAN)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def signed(engine: Engine) -> list[CheckpointRow]:
    with transaction(engine) as session:
        return list_checkpoints(session)


def alerts(engine: Engine) -> list[tuple[str, str, str, str]]:
    with transaction(engine) as session:
        rows = session.connection().execute(
            text("SELECT kind, rule_id, severity, detail FROM alert WHERE state <> 'resolved'")
        )
        return [tuple(row) for row in rows]


def check_all_fit(engine: Engine) -> None:
    """Every checkpoint is signed by the log, of its entries, and continues the one before."""
    rows = signed(engine)
    with transaction(engine) as session:
        leaves = list_leaf_hashes(session, rows[-1].size)
        for row in rows:
            found = open_checkpoint(row.note, [parse_vkey(row.vkey)])
            assert (found.size, found.root) == (row.size, row.root)
            assert row.root == root_of(leaves[: row.size])
        for old, new in pairwise(rows):
            check_consistency(
                old_size=old.size,
                new_size=new.size,
                old_root=old.root,
                new_root=new.root,
                proof=stored_consistency_proof(session, old.size, new.size),
            )


def test_an_empty_log_is_not_signed(engine: Engine, notary: Notary, place: SecondPlace) -> None:
    notary.work(NOW)
    assert signed(engine) == []
    assert place.history() == []
    assert notary.findings == ()


def test_a_growing_log_is_signed_when_its_time_has_come_or_much_is_new(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    sizes = []
    for new, seconds in [(1, 0), (1, 3), (0, 9.9), (0, 10), (0, 60), (5, 61), (1, 62), (3, 63)]:
        add_entries(engine, new)
        notary.work(later(seconds))
        sizes.append(signed(engine)[-1].size)
    assert sizes == [1, 1, 1, 2, 2, 7, 7, 7]
    assert place.history() == [row.note for row in signed(engine)]
    check_all_fit(engine)
    assert notary.findings == ()


def test_a_clock_that_was_put_back_does_not_stop_the_signing(
    engine: Engine, notary: Notary
) -> None:
    add_entries(engine)
    notary.work(NOW)
    add_entries(engine)
    notary.work(later(-3600))
    assert [row.size for row in signed(engine)] == [1, 2]


def test_checkpoints_are_found_by_size_and_by_entry(engine: Engine, notary: Notary) -> None:
    for size in (5, 10, 15):
        add_entries(engine, 5)
        notary.work(later(size))
    rows = signed(engine)
    with transaction(engine) as session:
        assert find_checkpoint(session, 10) == rows[1]
        assert find_checkpoint(session, 11) is None
        assert find_last_checkpoint(session) == rows[2]
        covering = [find_first_over(session, index) for index in (0, 4, 5, 14, 15)]
        assert [row.size if row else None for row in covering] == [5, 5, 10, 15, None]
        assert [row.size for row in list_checkpoints(session, after=5, until=10)] == [10]


def test_another_process_goes_on_where_the_first_ended(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 5)
    notary.work(NOW)
    add_entries(engine, 5)
    Notary(engine, place, PLAN).work(later(1))
    assert [row.size for row in signed(engine)] == [5, 10]
    check_all_fit(engine)


def test_a_row_that_the_database_lacks_is_put_right_from_the_second_place(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 5)
    notary.work(NOW)
    before = signed(engine)
    as_superuser(engine, "DELETE FROM ledger_checkpoint")
    Notary(engine, place, PLAN).work(NOW)
    assert signed(engine) == before


def test_a_second_place_that_was_put_back_learns_what_the_database_has(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 5)
    notary.work(NOW)
    last, history = (place.directory / LAST).read_bytes(), (place.directory / HISTORY).read_bytes()
    add_entries(engine, 5)
    notary.work(later(1))
    (place.directory / LAST).write_bytes(last)
    (place.directory / HISTORY).write_bytes(history)
    notary.work(later(2))
    assert notary.findings == ()
    assert place.history() == [row.note for row in signed(engine)]


def _forge_checkpoint(engine: Engine, size: int, pair: SigningKeyPair) -> None:
    with transaction(engine) as session:
        origin = session.connection().execute(text("SELECT origin FROM ledger_log")).scalar_one()
        checkpoint = Checkpoint(origin=origin, size=size, root=bytes(32))
        row = CheckpointRow(
            size=size,
            root=bytes(32),
            note=sign_checkpoint(checkpoint, pair),
            vkey="forged",
            signed_at=NOW,
        )
        insert_checkpoint(session, row)


ATTACKS = {
    "the tail is cut off (T6)": (["DELETE FROM ledger_entry WHERE index >= 6"], "missing"),
    "tail and head are cut off": (["UPDATE ledger_head SET size = 3"], "cut off"),
    "the last signed entry is rewritten (T1)": (
        ["UPDATE ledger_entry SET leaf_hash = sha256('x') WHERE index = 4"],
        "rewritten",
    ),
    "an entry and the tree above it are rewritten (T1)": (
        [
            "UPDATE ledger_entry SET leaf_hash = sha256('x') WHERE index = 0",
            "UPDATE ledger_node SET hash = sha256('x') WHERE position = 0",
        ],
        "rewritten",
    ),
    "an unsigned entry is rewritten": (
        ["UPDATE ledger_entry SET entry_bytes = 'x' WHERE index = 8"],
        "entry 8 is not that",
    ),
    "a checkpoint is exchanged": (
        ["UPDATE ledger_checkpoint SET note = 'x' WHERE size = 5"],
        "another checkpoint",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_does_not_fit_is_not_signed_and_people_are_told(
    attack: str, engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    statements, sentence = ATTACKS[attack]
    add_entries(engine, 5)
    notary.work(NOW)
    add_entries(engine, 5)
    as_superuser(engine, *statements)
    notary.work(later(60))
    notary.work(later(120))
    assert [sentence in one for one in notary.findings] == [True]
    assert alerts(engine) == [("ledger", "notary_ledger", "critical", notary.findings[0])]
    assert len(place.history()) == len(signed(engine)) == 1


def test_an_old_backup_is_refused_even_after_it_has_grown_again(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 9)
    notary.work(NOW)
    cut_off(engine, 6)
    as_superuser(engine, "DELETE FROM ledger_checkpoint")
    notary.work(later(20))
    assert "old backup" in notary.findings[0]
    add_entries(engine, 7, salt="other")
    notary.work(later(40))
    assert "rewritten" in notary.findings[0]
    assert len(place.history()) == 1
    assert signed(engine) == []
    ((kind, _, severity, detail),) = alerts(engine)
    assert (kind, severity) == ("ledger", "critical")
    assert "rewritten" in detail


def test_a_wholly_rewritten_log_is_refused(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 9)
    notary.work(NOW)
    cut_off(engine, 0)
    add_entries(engine, 12, salt="other")
    notary.work(later(60))
    assert "rewritten" in notary.findings[0]
    assert len(place.history()) == 1


def test_a_log_put_right_again_is_signed_again_and_the_alert_stays(
    engine: Engine, notary: Notary
) -> None:
    add_entries(engine, 5)
    notary.work(NOW)
    name = signed(engine)[0].note.split(b"\n")[0].decode()
    as_superuser(engine, "UPDATE ledger_log SET origin = 'unbroken/x'")
    notary.work(later(20))
    assert "holds the log unbroken/x" in notary.findings[0]
    as_superuser(engine, f"UPDATE ledger_log SET origin = '{name}'")
    add_entries(engine, 1)
    notary.work(later(40))
    assert notary.findings == ()
    assert [row.size for row in signed(engine)] == [5, 6]
    assert len(alerts(engine)) == 1


def test_a_checkpoint_that_the_log_did_not_sign_is_a_forgery(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 5)
    notary.work(NOW)
    _forge_checkpoint(engine, 8, new_key())
    add_entries(engine, 5)
    notary.work(later(20))
    assert len(notary.findings) == 1
    assert len(place.history()) == 1


def test_no_new_key_is_made_for_a_log_that_was_signed(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 5)
    notary.work(NOW)
    (place.directory / KEY).unlink()
    add_entries(engine, 5)
    after = Notary(engine, place, PLAN)
    after.work(later(20))
    assert "key is missing" in after.findings[0]
    assert not place.has_key()
    assert len(alerts(engine)) == 1


def test_a_second_place_that_is_away_is_a_finding_and_nothing_is_signed(
    engine: Engine, notary: Notary, place: SecondPlace
) -> None:
    add_entries(engine, 5)
    notary.work(NOW)
    away = place.directory.with_name("away")
    place.directory.rename(away)
    add_entries(engine, 5)
    notary.work(later(20))
    assert notary.findings
    assert len(signed(engine)) == 1
    away.rename(place.directory)
    notary.work(later(40))
    assert notary.findings == ()
    check_all_fit(engine)
