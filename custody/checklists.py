"""What a therapy asks of a step: its checklist, and how many people. Pure.

Product goes into the cold even when something is wrong: a `no` with a reason passes, and so does a
refusal. What does not pass is an answer left out.
"""

from schemas.errors import CustodyConflict
from schemas.profile import Profile
from schemas.profile_parts import Check, Step
from schemas.statement import SignerRole, Statement


def steps_for(profile: Profile, statement: Statement, *, at_destination: bool) -> tuple[Step, ...]:
    """Return what the therapy asks of this statement."""
    return tuple(
        step
        for step in profile.steps or ()
        if step.kind is statement.kind and (step.at is None or at_destination)
    )


def check_step(profile: Profile, statement: Statement, *, at_destination: bool) -> None:
    """Check that the statement has the answers and the people that its therapy asks for.

    Args:
        profile: The order's profile.
        statement: What is asserted.
        at_destination: Whether its place is where the shipment is bound.

    Raises:
        CustodyConflict: An answer or the second person is missing; the sentence says which.
    """
    for step in steps_for(profile, statement, at_destination=at_destination):
        checks = profile.checklists[step.checklist] if step.checklist is not None else ()
        if missing := [check for check in checks if not _is_answered(check, statement)]:
            questions = " ".join(f"“{check.question}”" for check in missing)
            message = (
                f"{profile.name} asks for the checklist {step.checklist} at {statement.kind}. "
                f"Not answered: {questions}"
            )
            raise CustodyConflict(message)
        second = any(signer.role is SignerRole.VERIFIER for signer in statement.signers)
        if step.people > 1 and not second:
            message = (
                f"{profile.name} asks for a confirmer and a verifier at {statement.kind}: "
                "a second person must sign as well."
            )
            raise CustodyConflict(message)


def _is_answered(check: Check, statement: Statement) -> bool:
    answer = statement.conditions.get(check.key)
    return answer is not None if check.expected == "text" else answer in {"yes", "no", "na"}
