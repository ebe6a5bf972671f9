"""What a statement leads to that did not see everything: recorded, in conflict, or refused."""

import contextlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.canonical import signed_bytes, statement_hash
from custody.rules import apply
from custody.state import CustodyState
from custody.story import Placed, Story
from schemas.errors import CustodyConflict
from schemas.statement import Seen, Statement
from tests.strategies_custody import ITEMS, histories, statement_of

COMMISSION = statement_of("commission", **{"from": "maker"}, items=list(ITEMS))
OFFER = statement_of("offer", **{"from": "maker", "to": "courier"})
ACCEPT = statement_of("accept", to="courier", answers=statement_hash(OFFER))
STORE = statement_of("store", **{"from": "maker"})


def hash_of(number: int) -> bytes:
    return sha256(number.to_bytes(4, "big")).digest()


def told(*statements: Statement) -> Story:
    """Return the story of statements, each of which has seen the one before."""
    story = Story()
    for statement in statements:
        add(story, statement)
    return story


def add(story: Story, statement: Statement) -> Placed:
    placed = story.place(statement)
    story.add(hash_of(story.length), statement, placed)
    return placed


def having_seen(statement: Statement, story: Story, sequence: int) -> Statement:
    """Return the statement by somebody who saw the first entries of a story."""
    head = story._hashes[sequence - 1].hex() if sequence else ""
    seen = Seen(sequence=sequence, hash=head) if sequence else None
    return statement.model_copy(update={"seen": seen})


def test_a_statement_that_applies_is_in_no_conflict_whatever_it_saw() -> None:
    story = told(COMMISSION, OFFER)
    for sequence in range(3):
        placed = story.place(having_seen(ACCEPT, story, sequence))
        assert (placed.conflict_with, placed.conflict) == (None, None)
        assert placed.state.holder == "courier"


def test_what_others_made_impossible_meanwhile_is_in_conflict_with_them() -> None:
    story = told(COMMISSION, OFFER, ACCEPT)
    placed = story.place(having_seen(STORE, story, 1))
    assert placed.conflict_with == hash_of(2)  # the acceptance took it out of the maker's hands
    assert placed.conflict is not None
    assert "held by courier" in placed.conflict
    assert placed.state == story.state


def test_what_was_impossible_when_it_was_signed_and_ever_since_is_refused() -> None:
    story = told(COMMISSION, OFFER, ACCEPT)
    with pytest.raises(CustodyConflict, match="held by courier; maker cannot store it"):
        story.place(having_seen(STORE, story, 3))
    with pytest.raises(CustodyConflict, match="held by courier; hub cannot"):
        story.place(statement_of("store", **{"from": "hub"}))


def test_what_became_possible_and_impossible_again_unseen_is_in_conflict() -> None:
    story = told(COMMISSION, OFFER, ACCEPT)
    late = statement_of("accept", to="courier", answers=statement_hash(OFFER))
    placed = story.place(having_seen(late, story, 1))
    assert placed.conflict_with == hash_of(2)


def test_what_says_nothing_of_what_it_saw_is_never_in_conflict() -> None:
    story = told(COMMISSION, OFFER, ACCEPT)
    with pytest.raises(CustodyConflict, match="held by courier; maker cannot store it"):
        story.place(STORE)


@pytest.mark.parametrize("kind", ["accept", "refuse"])
def test_both_sides_of_a_handoff_in_a_basement_stay_on_record(kind: str) -> None:
    story = told(COMMISSION)
    offline = having_seen(statement_of("offer", **{"from": "maker", "to": "hub"}), story, 1)
    answers = statement_hash(offline)
    answer = having_seen(statement_of(kind, to="hub", answers=answers, reason="r"), story, 1)
    for statement in (OFFER, ACCEPT):  # meanwhile, where there is a network
        add(story, statement)
    assert add(story, offline).conflict_with == hash_of(1)
    offered = hash_of(3)
    placed = add(story, answer)
    assert placed.conflict_with == offered
    assert (story.state.holder, story.state.offer) == ("courier", None)


def test_a_statement_in_conflict_changes_nothing_and_can_be_seen() -> None:
    story = told(COMMISSION, OFFER, ACCEPT)
    before = story.state
    add(story, having_seen(STORE, story, 1))
    assert story.length == 4
    assert story.state == before.with_entry(hash_of(3).hex())
    mine = statement_of("store", **{"from": "courier"})
    assert story.place(having_seen(mine, story, 4)).conflict_with is None


@pytest.mark.parametrize(
    "seen",
    [
        Seen(sequence=4, hash=hash_of(3).hex()),
        Seen(sequence=2, hash=hash_of(2).hex()),
        Seen(sequence=1, hash="00" * 32),
        Seen(sequence=2**53 - 1, hash=hash_of(0).hex()),
    ],
)
def test_having_seen_what_is_not_here_is_refused_even_if_it_would_apply(seen: Seen) -> None:
    story = told(COMMISSION, OFFER, ACCEPT)
    said = statement_of("store", **{"from": "courier"}).model_copy(update={"seen": seen})
    with pytest.raises(CustodyConflict, match="that this ledger does not have"):
        story.place(said)


def by_the_book(states: list[CustodyState], said: Statement, seen: int) -> int | str | None:
    """Return what the contract says: nothing, the number of the entry in conflict, or `refused`."""

    def applies(state: CustodyState) -> bool:
        try:
            apply(state, said)
        except CustodyConflict:
            return False
        return True

    if applies(states[-1]):
        return None
    possible = [number for number in range(seen, len(states) - 1) if applies(states[number])]
    return possible[-1] if possible else "refused"


@given(history=histories(), data=st.data())
def test_any_history_is_placed_by_the_book(history: list[Statement], data: st.DataObject) -> None:
    story, states = Story(), [CustodyState()]
    for statement in history:
        seen = data.draw(st.integers(0, story.length))
        said = having_seen(statement, story, seen)
        expected = by_the_book(states, said, seen or story.length)
        if expected == "refused":
            with pytest.raises(CustodyConflict):
                story.place(said)
            continue
        placed = add(story, said)
        assert placed.conflict_with == (None if expected is None else hash_of(int(expected)))
        after = states[-1] if placed.conflict_with else apply(states[-1], said)
        states.append(after.with_entry(hash_of(story.length - 1).hex()))
        assert story.state == states[-1]


@given(histories())
def test_whoever_has_seen_everything_is_never_in_conflict(history: list[Statement]) -> None:
    story = Story()
    for statement in history:
        with contextlib.suppress(CustodyConflict):
            placed = add(story, having_seen(statement, story, story.length))
            assert placed.conflict_with is None


def test_an_answer_names_the_offer_s_bytes() -> None:
    assert statement_hash(OFFER) == sha256(signed_bytes(OFFER)).hexdigest()
