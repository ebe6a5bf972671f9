"""A leg's readings are sealed once it has ended, again when some came late, and then watched."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from custody.ended_legs import facts_of_legs
from custody.findings import Findings
from custody.key_file import new_key
from custody.leg_lines import lines_of_seal
from custody.leg_sealing import MadeSeal
from custody.merkle import EMPTY_ROOT
from custody.reading import entries_of_order
from custody.seal_audit import SealNote, SealNoteCode, check_seals
from custody.seal_statement import EARLIER_READINGS
from custody.sealed_readings import check_seal, parse_lines
from custody.sealing import (
    LATE_SWEEP_EVERY,
    REST_BETWEEN_SEALS,
    seal_due,
    sealer,
    signer_of,
)
from schemas.settings import Settings
from schemas.statement import Sealed
from store.chunks import apply_policies
from store.database import transaction
from store.ledger import read_head
from store.leg_readings import CHUNK_ROWS, count_readings, stream_readings, windows_of
from tests.support.nouns import START
from tests.support.seal_case import CLINIC, MINUTE, ORDER, SealCase, seal_case

pytestmark = pytest.mark.store

HOUR = timedelta(hours=1)
FIRST, SECOND = START + 2 * HOUR, START + 4 * HOUR
SOON = timedelta(seconds=2)


def seals(case: SealCase) -> list[tuple[int, Sealed]]:
    with transaction(case.engine) as session:
        entries = entries_of_order(session, ORDER)
    return [(e.recorded.index, e.statement.sealed) for e in entries if e.statement.sealed]


def lines(case: SealCase, number: int = -1) -> list[bytes] | None:
    with transaction(case.engine) as session:
        entries = [e for e in entries_of_order(session, ORDER) if e.statement.sealed]
        shipment_id = session.connection().scalar(text("SELECT min(id) FROM shipment"))
        sealed = entries[number].statement.sealed
        assert sealed is not None
        assert shipment_id is not None
        recorded_at = entries[number].recorded.recorded_at
        return lines_of_seal(session, shipment_id, sealed, recorded_at=recorded_at)


def checked(case: SealCase) -> tuple[list[tuple[int, str]], list[SealNote]]:
    findings = Findings()
    with transaction(case.engine) as session:
        notes = check_seals(session, read_head(session).size, findings)
    return [(each.index, each.sentence) for each in findings.kept], notes


def sealed_case(engine: Engine) -> SealCase:
    """Return a case whose first leg has 240 readings and is sealed by entry 4."""
    case = seal_case(engine)
    case.measure(START, 180)
    case.hand_over("maker", "courier", FIRST)
    (made,) = case.seal(FIRST + SOON)
    assert (made.index, made.leg, made.count, made.earlier) == (4, 1, 240, False)
    return case


def test_a_leg_is_sealed_once_it_has_ended(engine: Engine) -> None:
    case = seal_case(engine)
    case.measure(START, 180)
    assert case.seal(FIRST - SOON) == []
    case.hand_over("maker", "courier", FIRST)
    (made,) = case.seal(FIRST + SOON)
    ((index, sealed),) = seals(case)
    assert (index, sealed.leg, sealed.from_, sealed.until, sealed.count, sealed.earlier) == (
        made.index, 1, None, "2026-11-01T02:00:00.000Z", 240, None
    )  # fmt: skip
    held = lines(case)
    assert held is not None
    check_seal(sealed, held)
    assert parse_lines(held)[1] == ["LG-1", "LG-2"]


def test_what_is_sealed_makes_no_further_entry(engine: Engine) -> None:
    case = sealed_case(engine)
    for later in (SOON, HOUR, 24 * HOUR):
        assert case.seal(FIRST + later) == []


def test_each_handoff_ends_a_leg_and_the_delivery_the_last(engine: Engine) -> None:
    case = sealed_case(engine)
    case.measure(START + 3 * HOUR, 120, received_at=SECOND)
    case.hand_over("courier", "clinic", SECOND, place=CLINIC)
    case.measure(START + 6 * HOUR, 60)
    (made,) = case.seal(SECOND + SOON)
    assert (made.leg, made.count) == (2, 240)
    assert [sealed.from_ for _, sealed in seals(case)] == [None, "2026-11-01T02:00:00.000Z"]
    assert case.seal(SECOND + HOUR) == []
    with transaction(engine) as session:
        facts = facts_of_legs(session, "U-1")
    assert [(leg.number, leg.begin, leg.until, leg.sealed_index, leg.count) for leg in facts] == [
        (1, None, FIRST, 4, 240), (2, FIRST, SECOND, 7, 240)
    ]  # fmt: skip


def test_the_leg_under_way_is_shown_and_not_sealed(engine: Engine) -> None:
    case = sealed_case(engine)
    with transaction(engine) as session:
        facts = facts_of_legs(session, "U-1")
        assert facts_of_legs(session, "U-2") == []
    assert (facts[-1].number, facts[-1].begin, facts[-1].until) == (2, FIRST, None)
    assert facts[-1].sealed_index is None
    assert case.seal(FIRST + HOUR) == []


def test_late_readings_make_a_further_seal_that_points_at_the_earlier(engine: Engine) -> None:
    case = sealed_case(engine)
    late = START + MINUTE / 2
    case.measure(late, 10, received_at=FIRST + MINUTE)
    assert case.seal(FIRST + SOON + REST_BETWEEN_SEALS - SOON) == []
    (made,) = case.seal(FIRST + SOON + REST_BETWEEN_SEALS + LATE_SWEEP_EVERY)
    assert (made.leg, made.count, made.earlier) == (1, 260, True)
    (_, first), (_, second) = seals(case)
    with transaction(engine) as session:
        entries = {e.recorded.index: e for e in entries_of_order(session, ORDER)}
    assert second.earlier == entries[4].recorded.entry_hash.hex()
    assert entries[made.index].statement.conditions == {EARLIER_READINGS: "kept"}
    assert (first.from_, first.until) == (second.from_, second.until)
    before, now = lines(case, 0), lines(case, 1)
    assert before is not None
    assert now is not None
    check_seal(first, before)
    check_seal(second, now)
    assert set(before) < set(now)
    assert checked(case) == ([], [])


def test_readings_of_the_next_leg_do_not_seal_the_one_before_again(engine: Engine) -> None:
    case = sealed_case(engine)
    case.measure(START + 3 * HOUR, 60)
    assert case.seal(FIRST + HOUR) == []
    assert len(seals(case)) == 1


def test_a_service_without_an_enrolled_key_seals_nothing_and_says_so_once(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    case = seal_case(engine, founded=False)
    case.people["notary"] = replace(case.notary, pair=new_key())
    case.hand_over("maker", "courier", FIRST)
    with caplog.at_level(logging.WARNING, logger="custody.sealing"):
        assert case.seal(FIRST + SOON) == []
        assert case.seal(FIRST + HOUR) == []
    assert [record.message for record in caplog.records] == [
        "readings are not sealed: the service's key is not enrolled"
    ]


def test_a_leg_that_cannot_be_sealed_leaves_the_others_their_turn(engine: Engine) -> None:
    case = seal_case(engine)
    case.measure(START, 180)
    case.measure(START + 3 * HOUR, 60)
    case.run("UPDATE reading SET temp_c = 'infinity' WHERE measured_at = :at", at=START)
    case.hand_over("maker", "courier", FIRST)
    case.hand_over("courier", "clinic", SECOND, place=CLINIC)
    assert [made.leg for made in case.seal(SECOND + SOON)] == [2]
    case.run("UPDATE reading SET temp_c = -170 WHERE measured_at = :at", at=START)
    assert case.seal(SECOND + 2 * SOON) == []
    assert [made.leg for made in case.seal(SECOND + 2 * MINUTE)] == [1]


def test_the_notary_has_one_call_that_seals_what_is_due(engine: Engine) -> None:
    case = seal_case(engine)
    case.hand_over("maker", "courier", FIRST)
    seal = sealer(engine, case.notary.pair)
    seal(FIRST + SOON)
    seal(FIRST + HOUR)
    ((_, sealed),) = seals(case)
    assert (sealed.count, sealed.root) == (0, EMPTY_ROOT.hex())


@pytest.mark.parametrize("mark", ["updated_at = clock_timestamp()", "due = true"])
def test_readings_whose_judgement_failed_are_noticed_all_the_same(
    engine: Engine, mark: str
) -> None:
    case = sealed_case(engine)
    with transaction(engine) as session:
        session.connection().execute(
            text(
                "INSERT INTO reading (logger_id, measured_at, received_at, temp_c) "
                "VALUES (:logger, :at, :received, -170)"
            ),
            {
                "logger": case.logger_ids[0],
                "at": START + MINUTE / 3,
                "received": FIRST + MINUTE,
            },
        )
        session.connection().execute(text(f"UPDATE shipment_status SET {mark}"))
    (made,) = case.seal(FIRST + HOUR)
    assert (made.leg, made.count) == (1, 241)


def test_a_seal_that_was_under_way_elsewhere_is_made_once(engine: Engine) -> None:
    case = seal_case(engine)
    case.measure(START, 180)
    case.hand_over("maker", "courier", FIRST)
    with transaction(engine) as session:
        signer = signer_of(session, case.notary.pair)
    start = threading.Barrier(4)

    def seal() -> list[MadeSeal]:
        start.wait()
        return seal_due(engine, case.notary.pair, signer, FIRST + SOON)

    with ThreadPoolExecutor(4) as pool:
        made = [each.result() for each in [pool.submit(seal) for _ in range(4)]]
    assert sum(map(len, made)) + len(case.seal(FIRST + 2 * SOON)) == 1
    assert len(seals(case)) == 1


def test_the_readings_of_a_leg_come_in_order_whatever_their_number(engine: Engine) -> None:
    case = seal_case(engine)
    count = CHUNK_ROWS // 2 + 1_000
    case.measure(START, count, every=timedelta(milliseconds=100))
    begin, until = START + timedelta(seconds=1), START + timedelta(seconds=count // 10 - 1)
    with transaction(engine) as session:
        shipment_id = session.connection().scalar(text("SELECT min(id) FROM shipment"))
        assert shipment_id is not None
        windows = windows_of(session, shipment_id, begin=begin, until=until)
        assert count_readings(session, windows) == 2 * (count - 20)
        batches = list(stream_readings(session, windows))
        assert windows_of(session, shipment_id, begin=None, until=START) == []
    keys = [(at, index) for b in batches for at, index in zip(b.time_us, b.logger, strict=True)]
    assert len(batches) == 2
    assert keys == sorted(keys)
    assert len(set(keys)) == 2 * (count - 20)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE reading SET temp_c = -160 WHERE measured_at = :at AND seq = 30", "were changed"),
        ("UPDATE reading SET lat = 1 WHERE measured_at = :at", "were changed"),
        ("UPDATE reading SET seq = NULL WHERE measured_at = :at", "were changed"),
        ("DELETE FROM reading WHERE measured_at = :at", "were removed"),
        (
            """
            INSERT INTO reading (logger_id, measured_at, received_at, temp_c)
            SELECT logger_id, measured_at + interval '1 s', received_at, temp_c FROM reading
            WHERE measured_at = :at
            """,
            "were added",
        ),
        (
            "UPDATE reading SET measured_at = measured_at + interval '1 s' WHERE measured_at = :at",
            "were changed",
        ),
        ("UPDATE reading SET temp_c = 'infinity' WHERE measured_at = :at", "never taken in"),
    ],
)
def test_a_reading_touched_after_its_seal_is_named_at_the_seal(
    engine: Engine, change: str, sentence: str
) -> None:
    case = sealed_case(engine)
    assert checked(case) == ([], [])
    case.run(change, at=START + 30 * MINUTE)
    ((found,), notes) = checked(case)
    assert found[0] == 4
    assert "leg 1 of shipment U-1" in found[1]
    assert sentence in found[1]
    assert notes == []


def test_late_readings_not_sealed_yet_are_due_and_no_finding(engine: Engine) -> None:
    case = sealed_case(engine)
    case.measure(START + MINUTE / 2, 10, received_at=FIRST + MINUTE)
    found, (note,) = checked(case)
    assert found == []
    assert (note.code, note.index) == (SealNoteCode.DUE, 4)
    assert "20 readings" in note.sentence


def test_a_late_reading_does_not_hide_a_removed_one(engine: Engine) -> None:
    case = sealed_case(engine)
    case.run("DELETE FROM reading WHERE measured_at = :at", at=START + 30 * MINUTE)
    case.measure(START + MINUTE / 2, 10, received_at=FIRST + MINUTE)
    (made,) = case.seal(FIRST + HOUR)
    found, _ = checked(case)
    assert [index for index, _ in found] == [made.index]
    assert "changed or removed" in found[0][1]


def test_what_happened_to_earlier_readings_is_judged_by_the_ledger_not_by_the_list(
    engine: Engine,
) -> None:
    case = sealed_case(engine)
    case.run("DELETE FROM reading WHERE measured_at = :at", at=START + 30 * MINUTE)
    case.run("UPDATE leg_seal SET readings = 238, root = sha256(''), received_until = now()")
    case.measure(START + MINUTE / 2, 10, received_at=FIRST + MINUTE)
    case.seal(FIRST + HOUR)
    found, _ = checked(case)
    assert "changed or removed" in found[0][1]


def test_readings_being_stored_while_a_leg_is_sealed_are_told_apart(engine: Engine) -> None:
    case = sealed_case(engine)
    case.measure(START + MINUTE / 2, 10, received_at=START)
    (made,) = case.seal(FIRST + HOUR)
    found, (note,) = checked(case)
    assert found == []
    assert (note.code, note.index) == (SealNoteCode.UNCLEAR, made.index)


def test_a_lost_list_of_legs_is_made_again_from_the_ledger(engine: Engine) -> None:
    case = sealed_case(engine)
    case.run("DELETE FROM leg_seal")
    case.run("DELETE FROM seal_progress")
    assert case.seal(FIRST + HOUR) == []
    assert checked(case) == ([], [])
    assert len(seals(case)) == 1


def test_readings_that_retention_dropped_are_no_longer_held(engine: Engine) -> None:
    case = sealed_case(engine)
    later = START + timedelta(days=30)
    case.measure(later, 1)
    drop_before(case, later - timedelta(days=14))
    found, (note,) = checked(case)
    assert found == []
    assert (note.code, note.index) == (SealNoteCode.NO_LONGER_HELD, 4)
    assert lines(case) is None


def drop_before(case: SealCase, at: datetime) -> None:
    """Drop chunks or partitions, as retention does."""
    with transaction(case.engine) as session:
        run = session.connection().execute
        if (
            run(text("SELECT relkind FROM pg_class WHERE oid = 'reading'::regclass")).scalar()
            == "p"
        ):
            names = run(
                text(
                    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                    "WHERE i.inhparent = 'reading'::regclass AND c.relname < :name"
                ),
                {"name": f"reading_{at:%Y_%m_%d}"},
            ).scalars()
            for name in names.all():
                run(text(f"DROP TABLE {name}"))
        else:
            run(text("SELECT drop_chunks('reading', older_than => :at)"), {"at": at})


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leg_seal SET readings = 7",
        "UPDATE leg_seal SET entry_index = 1",
        "UPDATE leg_seal SET root = sha256('')",
        "DELETE FROM leg_seal",
    ],
)
def test_the_list_of_legs_is_held_to_the_ledger(engine: Engine, change: str) -> None:
    case = sealed_case(engine)
    case.run(change)
    ((found,), _) = checked(case)
    assert found[0] == 4
    assert "list of legs" in found[1]


@pytest.mark.timescale
def test_compressing_readings_changes_nothing_and_late_ones_still_reach_them(
    timescale_engine: Engine,
) -> None:
    apply_policies(timescale_engine, Settings())
    case = sealed_case(timescale_engine)
    with transaction(timescale_engine) as session:
        session.connection().execute(text("SELECT compress_chunk(c) FROM show_chunks('reading') c"))
    assert checked(case) == ([], [])
    case.measure(START + MINUTE / 2, 10, received_at=FIRST + MINUTE)
    (made,) = case.seal(FIRST + HOUR)
    assert made.count == 260
    assert checked(case) == ([], [])
