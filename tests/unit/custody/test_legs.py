"""Legs follow from the ledger alone, and what is recorded later never moves an earlier one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from custody.entry import instant_text
from custody.legs import Handoff, Leg, WatchedShipment, legs_of
from tests.strategies_custody import statement_of

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WATCHED = WatchedShipment(
    code="U-1", destination_party_id="clinic", watched_from=START, delivered_at=None
)


def accept(
    claimed: float,
    *,
    recorded: float | None = None,
    to: str = "courier",
    shipment: str | None = "U-1",
    conflict: bool = False,
    kind: str = "accept",
) -> Handoff:
    """Return an entry about possession, in hours since START."""
    return Handoff(
        statement=statement_of(
            kind,
            **{"from": "maker", "to": to},
            shipment=shipment,
            claimed_at=instant_text(START + claimed * HOUR),
            answers="00" * 32,
            reason="because",
        ),
        recorded_at=START + (claimed if recorded is None else recorded) * HOUR,
        conflict=conflict,
    )


accepts = st.builds(
    accept,
    st.integers(-5, 50),
    recorded=st.integers(-5, 50),
    to=st.sampled_from(["courier", "hub", "clinic"]),
    shipment=st.sampled_from(["U-1", "U-2", None]),
    conflict=st.booleans(),
    kind=st.sampled_from(["accept", "refuse", "offer"]),
)
histories = st.lists(accepts, max_size=8)


def spans(legs: list[Leg]) -> list[tuple[float | None, float]]:
    return [
        (None if leg.begin is None else (leg.begin - START) / HOUR, (leg.until - START) / HOUR)
        for leg in legs
    ]


def test_each_acceptance_ends_a_leg_and_begins_the_next() -> None:
    entries = [accept(2), accept(5, to="hub"), accept(9, to="clinic")]
    assert spans(legs_of(entries, WATCHED)) == [(None, 2), (2, 5), (5, 9)]


def test_the_delivery_ends_the_last_leg() -> None:
    delivered = WatchedShipment(
        code="U-1",
        destination_party_id="clinic",
        watched_from=START,
        delivered_at=START + 9 * HOUR,
    )
    entries = [accept(2), accept(9, to="clinic"), accept(12, to="hub", shipment=None)]
    assert spans(legs_of(entries, delivered)) == [(None, 2), (2, 9)]


def test_what_is_no_handoff_of_this_shipment_ends_no_leg() -> None:
    entries = [
        accept(-1),
        accept(0),
        accept(2, shipment="U-2"),
        accept(2, conflict=True),
        accept(2, kind="refuse"),
        accept(2, kind="offer"),
    ]
    assert legs_of(entries, WATCHED) == []


def test_a_handoff_claimed_from_the_future_counts_when_it_was_recorded() -> None:
    assert spans(legs_of([accept(9, recorded=3)], WATCHED)) == [(None, 3)]


def test_a_shipment_without_loggers_has_no_legs() -> None:
    unwatched = WatchedShipment(
        code="U-1", destination_party_id="clinic", watched_from=None, delivered_at=None
    )
    assert legs_of([accept(2)], unwatched) == []


@given(entries=histories, later=histories)
def test_later_entries_never_change_an_earlier_leg(
    entries: list[Handoff], later: list[Handoff]
) -> None:
    before = legs_of(entries, WATCHED)
    assert legs_of([*entries, *later], WATCHED)[: len(before)] == before


@given(entries=histories)
def test_legs_follow_each_other_without_gap_or_overlap(entries: list[Handoff]) -> None:
    legs = legs_of(entries, WATCHED)
    assert [leg.number for leg in legs] == list(range(1, len(legs) + 1))
    assert [leg.begin for leg in legs] == [None, *(leg.until for leg in legs[:-1])][: len(legs)]
    untils = [leg.until for leg in legs]
    assert untils == sorted(untils)
