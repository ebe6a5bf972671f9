"""Detection is exact under any split, order and repetition, and equal to a simple oracle."""

import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detect import (
    Batch,
    Records,
    RuleSet,
    Step,
    evaluate,
    fresh_state,
    late_series,
    name_excursions,
    state_bytes,
    state_from_bytes,
    step,
)
from schemas.errors import ReadingError
from tests.strategies_alerts import ORIGIN, SECOND, World, to_batch, to_rules, worlds
from tests.support.naive_excursions import Limit, naive_coverage, naive_excursions

LEVELS = {0: "soft", 1: "nominal"}
COVERAGE = ("received", "first_us", "last_us", "unmonitored_us", "longest_gap_us")


def as_dicts(findings: Records) -> list[dict[str, object]]:
    """Return findings as plain dictionaries."""
    names = findings.dtype.names or ()
    rows = [dict(zip(names, row.tolist(), strict=True)) for row in findings]
    return [row | {"level": LEVELS[row["level"]]} for row in rows]


def latest(steps: Iterable[Step]) -> dict[tuple[object, ...], dict[str, object]]:
    """Return the last form of each excursion, as a store that upserts would keep it."""
    kept: dict[tuple[object, ...], dict[str, object]] = {}
    for stepped in steps:
        for row in as_dicts(stepped.findings):
            kept[row["series"], row["slot"], row["anchor_us"], row["ordinal"]] = row
    return kept


def rows_of(batch: Batch) -> list[tuple[int, int, float]]:
    """Return a batch's rows."""
    columns = batch.series.tolist(), batch.time_us.tolist(), batch.value.tolist()
    return list(zip(*columns, strict=True))


def walk(world: World, parts: list[list[tuple[int, int, float]]]) -> tuple[Records, list[Step]]:
    """Return the last state and all steps of taking the parts one by one."""
    state = fresh_state(len(world.rules), world.rules.slots)
    steps = []
    for part in parts:
        steps.append(step(state, to_batch(part), world.rules))
        state = steps[-1].state
    return state, steps


@given(world=worlds())
def test_excursions_equal_those_of_a_second_simple_implementation(world: World) -> None:
    found = as_dicts(evaluate(world.batch(), world.rules).findings)
    for series, limits in enumerate(world.limits):
        for slot, limit in enumerate(limits):
            mine = [row for row in found if (row["series"], row["slot"]) == (series, slot)]
            expected = naive_excursions(world.readings(series), limit)
            assert mine == [{"series": series, "slot": slot, **row} for row in expected]


@given(world=worlds())
def test_coverage_equals_that_of_a_second_simple_implementation(world: World) -> None:
    state = evaluate(world.batch(), world.rules).state
    for series, limits in enumerate(world.limits):
        expected = naive_coverage(world.readings(series), limits[0].max_gap_us)
        assert {name: int(state[name][series]) for name in COVERAGE} == expected


@given(world=worlds(), data=st.data())
def test_splitting_the_readings_anywhere_changes_nothing(world: World, data: st.DataObject) -> None:
    rows = sorted(rows_of(world.batch()), key=lambda row: row[1])
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=5).map(sorted))
    parts = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    state, steps = walk(world, parts)
    whole = evaluate(world.batch(), world.rules)
    assert state.tobytes() == whole.state.tobytes()
    assert latest(steps) == latest([whole])
    gaps = [gap for stepped in steps for gap in stepped.gaps.tolist()]
    assert sorted(gaps) == whole.gaps.tolist()


@given(world=worlds(), data=st.data())
def test_order_of_arrival_and_repetition_change_nothing(world: World, data: st.DataObject) -> None:
    rows = data.draw(st.permutations(world.rows + world.rows[: len(world.rows) // 2]))
    size = data.draw(st.integers(1, 10))
    stored: dict[tuple[int, int], float] = {}
    state = fresh_state(len(world.rules), world.rules.slots)
    kept: dict[tuple[object, ...], dict[str, object]] = {}
    for start in range(0, len(rows), size):
        new = [row for row in rows[start : start + size] if row[:2] not in stored]
        stored |= {row[:2]: row[2] for row in new}
        late = late_series(state, to_batch(new))
        again = [(*key, value) for key, value in stored.items() if late[key[0]]]
        state[late] = fresh_state(int(late.sum()), world.rules.slots)
        kept = {key: row for key, row in kept.items() if not late[int(str(key[0]))]}
        stepped = step(
            state, to_batch([row for row in new if not late[row[0]]] + again), world.rules
        )
        state, kept = stepped.state, kept | latest([stepped])
    whole = evaluate(world.batch(), world.rules)
    assert state.tobytes() == whole.state.tobytes()
    assert kept == latest([whole])


@given(world=worlds(), data=st.data())
def test_a_state_survives_bytes_whatever_its_company(world: World, data: st.DataObject) -> None:
    state = evaluate(world.batch(), world.rules).state
    stored = [state_bytes(state, row) for row in range(len(state))]
    wide = world.rules.slots + data.draw(st.integers(0, 2))
    back = state_from_bytes([*stored, None], wide)
    assert [state_bytes(back, row) for row in range(len(state))] == stored
    assert back[-1] == fresh_state(1, wide)[0]
    alone = state_from_bytes(stored, world.rules.slots)
    assert alone.tobytes() == state.tobytes()


@given(world=worlds(), data=st.data())
def test_a_series_is_judged_the_same_in_any_company(world: World, data: st.DataObject) -> None:
    series = data.draw(st.integers(0, len(world.limits) - 1))
    alone = evaluate(
        to_batch([(0, t, v) for t, v in world.readings(series)]), to_rules([world.limits[series]])
    )
    company = evaluate(world.batch(), world.rules)
    mine = company.findings[company.findings["series"] == series]
    mine["series"] = 0
    assert mine.tolist() == alone.findings.tolist()
    assert state_bytes(alone.state, 0) == state_bytes(company.state, series)


@given(world=worlds())
def test_a_gap_neither_raises_nor_ends_an_excursion(world: World) -> None:
    found = evaluate(world.batch(), world.rules).findings
    for row in found:
        readings = dict(world.readings(int(row["series"])))
        limit = world.limits[int(row["series"])][int(row["slot"])]
        inside = [t for t in readings if row["started_us"] <= t <= row["last_us"]]
        assert inside, "an excursion without a reading came from silence"
        assert row["duration_us"] <= row["ended_us"] - row["started_us"] - row["unmonitored_us"]
        after = [t for t, v in readings.items() if t > row["last_us"] and not math.isnan(v)]
        assert row["running"] == (not after)
        if after and min(after) - row["last_us"] > limit.max_gap_us:
            assert row["ended_us"] == row["last_us"]


@given(world=worlds())
def test_an_excursion_never_becomes_two_or_loses_its_id_while_it_grows(world: World) -> None:
    rows = sorted(rows_of(world.batch()), key=lambda row: row[1])
    names = [("U-2291", f"LG-{n}") for n in range(len(world.rules))]
    _, steps = walk(world, [[row] for row in rows])
    seen = {e.id for s in steps for e in name_excursions(s.findings, world.rules, names)}
    whole = evaluate(world.batch(), world.rules).findings
    assert seen == {e.id for e in name_excursions(whole, world.rules, names)}
    assert len(whole) == len(seen)


@given(world=worlds())
def test_confirmed_is_beyond_by_more_than_the_accuracy(world: World) -> None:
    for row in evaluate(world.batch(), world.rules).findings:
        limit = world.limits[int(row["series"])][int(row["slot"])]
        flip = 1 if limit.side == "above" else -1
        over = flip * row["peak"] - (flip * limit.limit)
        assert over > -limit.accuracy
        if row["confirmed"]:
            assert flip * row["peak"] > flip * limit.limit + limit.accuracy


@pytest.mark.parametrize("cut", range(8))
def test_two_excursions_within_the_doubt_around_one_limit_keep_their_numbers(cut: int) -> None:
    # ±1 °C around 0 °C: one soft run, in it two nominal runs with the dwell and one without.
    values = [-2.0, 0.5, 0.5, -0.5, 0.5, -0.5, 1.5, 1.5]
    rows = [(0, ORIGIN + n * 10 * SECOND, value) for n, value in enumerate(values)]
    rule = limit(dwell_us=11 * SECOND, accuracy=1.0, max_gap_us=10 * SECOND)
    world = World(rows=rows, limits=[[rule]], rules=to_rules([[rule]]))
    _, steps = walk(world, [rows[:cut], rows[cut:]])
    kept = sorted(latest(steps).values(), key=lambda row: str(row["ordinal"]))
    told = [(row["ordinal"], row["level"], row["confirmed"], row["running"]) for row in kept]
    assert told == [(0, "nominal", False, False), (1, "nominal", True, True)]
    assert len({row["anchor_us"] for row in kept}) == 1


def test_the_sign_of_zero_does_not_depend_on_the_split() -> None:
    rules = to_rules([[limit(accuracy=0.5)]])
    rows = [(0, ORIGIN, 0.0), (0, ORIGIN + SECOND, -0.0)]
    first = step(fresh_state(1, 1), to_batch(rows[:1]), rules)
    state = step(first.state, to_batch(rows[1:]), rules).state
    assert state.tobytes() == evaluate(to_batch(rows), rules).state.tobytes()


def test_late_readings_are_refused_by_step() -> None:
    rules = to_rules([[limit()]])
    state = evaluate(to_batch([(0, ORIGIN, 0.0)]), rules).state
    assert late_series(state, to_batch([(0, ORIGIN, 1.0)])).tolist() == [True]
    with pytest.raises(ReadingError, match="late"):
        step(state, to_batch([(0, ORIGIN, 1.0)]), rules)


def test_step_does_not_change_its_arguments() -> None:
    rules = to_rules([[limit()]])
    state = fresh_state(1, 1)
    step(state, to_batch([(0, ORIGIN, 9.0)]), rules)
    assert state.tobytes() == fresh_state(1, 1).tobytes()


def test_series_without_rules_and_states_of_other_width_are_refused() -> None:
    rules = to_rules([[limit()]])
    with pytest.raises(ReadingError, match="no rules"):
        evaluate(to_batch([(1, ORIGIN, 0.0)]), rules)
    with pytest.raises(ReadingError, match="slots"):
        step(fresh_state(1, 2), to_batch([]), rules)
    with pytest.raises(ReadingError, match="format"):
        state_from_bytes([b"something else"], 1)
    with pytest.raises(ReadingError, match="fewer"):
        state_from_bytes([state_bytes(evaluate(to_batch([(0, ORIGIN, 9.0)]), rules).state, 0)], 0)


def test_a_worked_example() -> None:
    # Limit 0 °C, dwell 60 s, ±0.5 °C: rises through 0 at 30 s, through 0.5 at 45 s, is back
    # at 0 at 840 s; a gap of 10 min lies inside, and is not counted.
    rows = [(0, -1.0), (60, 1.0), (120, 1.0), (720, 2.0), (780, 2.0), (900, -2.0)]
    rules = to_rules([[limit(dwell_us=60 * SECOND, accuracy=0.5, max_gap_us=300 * SECOND)]])
    batch = to_batch([(0, ORIGIN + t * SECOND, v) for t, v in rows])
    (found,) = name_excursions(evaluate(batch, rules).findings, rules, [("U-2291", "LG-1")])
    assert found.started_us == ORIGIN + 30 * SECOND
    assert found.ended_us == ORIGIN + 840 * SECOND
    assert found.unmonitored_us == 600 * SECOND
    assert found.duration_us == 210 * SECOND
    assert (found.certainty, found.peak_c, found.reading_count) == ("confirmed", 2.0, 4)
    assert found.excess_mc_ms == (15 + 60 + 120 + 60) * SECOND
    assert str(found.id) == "c316725f-35c5-5a31-8f42-001b9b5e8075"


def limit(**changed: float) -> Limit:
    """Return an upper limit of 0 with no dwell, hysteresis or doubt, changed as told."""
    plain = {"limit": 0.0, "hysteresis": 0.0, "dwell_us": 0, "accuracy": 0.0, "max_gap_us": SECOND}
    return Limit(side="above", **(plain | changed))  # type: ignore[arg-type]


def test_rules_are_aligned_by_series() -> None:
    rules: RuleSet = to_rules([[limit()], [limit(), limit(limit=2.0)]])
    assert rules.filled.tolist() == [[True, False], [True, True]]
