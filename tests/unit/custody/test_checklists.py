"""What a therapy asks of a step: answers left out and people missing are refused, a `no` passes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.checklists import check_step, steps_for
from schemas.errors import CustodyConflict
from schemas.profile import Profile, load_profiles
from schemas.profile_parts import Check, Step
from schemas.statement import Statement
from tests.strategies_custody import statement_of
from tests.support.signing import desk, second

CHECKS = (
    Check(id="seal-whole", question="Is the seal whole?", expected="yes"),
    Check(id="frost", question="Is there frost outside?", expected="no"),
    Check(id="seen-by", question="Who looked?", expected="text"),
)
PROFILE = load_profiles()[0].model_copy(
    update={
        "checklists": {"receiving": CHECKS},
        "steps": (
            Step(kind="inspect", checklist="receiving"),  # type: ignore[arg-type]
            Step(kind="thaw", people=2),  # type: ignore[arg-type]
            Step(kind="store", at="destination", checklist="receiving", people=2),  # type: ignore[arg-type]
        ),
    }
)
ANSWERED = {"seal_whole": "yes", "frost": "no", "seen_by": "Ann"}


def inspected(conditions: dict[str, str], kind: str = "inspect", **fields: Any) -> Statement:
    return statement_of(
        kind, **({"from": "maker", "conditions": conditions, "remarks": "looked"} | fields)
    )


def by_two() -> list[dict[str, Any]]:
    return [desk("maker").signer("confirmer"), second("maker").signer("verifier")]


def check(statement: Statement, profile: Profile = PROFILE, *, there: bool = False) -> None:
    check_step(profile, statement, at_destination=there)


def test_all_questions_answered_passes() -> None:
    check(inspected(ANSWERED))


@given(
    st.fixed_dictionaries(
        {
            "seal_whole": st.sampled_from(["yes", "no", "na"]),
            "frost": st.sampled_from(["yes", "no", "na"]),
            "seen_by": st.text("abc", min_size=1),
            "more": st.just("yes"),
        }
    )
)
def test_any_answer_passes_also_a_bad_one(conditions: dict[str, str]) -> None:
    check(inspected(conditions))


@pytest.mark.parametrize("left_out", list(ANSWERED))
def test_an_answer_left_out_is_refused_with_its_question(left_out: str) -> None:
    conditions = {key: value for key, value in ANSWERED.items() if key != left_out}
    (question,) = [one.question for one in CHECKS if one.key == left_out]
    with pytest.raises(CustodyConflict) as refused:
        check(inspected(conditions))
    assert f"“{question}”" in str(refused.value)
    assert PROFILE.name in str(refused.value)


@pytest.mark.parametrize("key", ["seal_whole", "frost"])
def test_text_is_no_answer_to_yes_or_no(key: str) -> None:
    with pytest.raises(CustodyConflict, match="Not answered"):
        check(inspected(ANSWERED | {key: "perhaps"}))


def test_a_step_for_two_asks_for_the_second_person() -> None:
    with pytest.raises(CustodyConflict, match="a second person must sign as well"):
        check(inspected({}, "thaw"))
    check(inspected({}, "thaw", signers=by_two()))


@pytest.mark.parametrize("there", [True, False])
def test_what_is_asked_at_the_destination_is_asked_there_only(*, there: bool) -> None:
    said = inspected({}, "store")
    assert len(steps_for(PROFILE, said, at_destination=there)) == there
    if there:
        with pytest.raises(CustodyConflict, match="checklist receiving at store"):
            check(said, there=there)
        check(inspected(ANSWERED, "store", signers=by_two()), there=there)
    else:
        check(said, there=there)


def test_a_step_that_the_therapy_does_not_name_asks_nothing() -> None:
    check(inspected({}, "condition"))
    check(inspected({}), PROFILE.model_copy(update={"steps": None}))


@pytest.mark.parametrize("profile", load_profiles(), ids=lambda profile: profile.id)
def test_every_step_of_our_profiles_can_be_taken_and_not_without_its_answers(
    profile: Profile,
) -> None:
    for step in profile.steps or ():
        checks = profile.checklists[step.checklist] if step.checklist else ()
        conditions = {one.key: "Ann" if one.expected == "text" else "no" for one in checks}
        fields: dict[str, Any] = {
            "to": "clinic",
            "items": ["x"],
            "shipment": "U-1",
            "place": "4012345000009",
            "shipper": "8003-1",
            "reason": "so it is",
            "answers": "0" * 64,
            "corrects": "0" * 64,
        }
        if step.kind == "disposition":
            fields["conditions"] = conditions | {"disposition": "release"}
        acting = "clinic" if step.kind in {"accept", "refuse"} else "maker"
        fields["signers"] = [
            desk(acting).signer("confirmer"),
            second(acting).signer("verifier"),
        ]
        said = inspected(conditions, step.kind.value, **fields)
        check(said, profile, there=True)
        if conditions and "conditions" not in fields:
            bare = inspected({}, step.kind.value, **fields)
            with pytest.raises(CustodyConflict, match="Not answered"):
                check(bare, profile, there=True)
