"""Signatures that come one after another: in any order, at once, again, wrong, tampered with."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from custody.audit import audit
from custody.envelope import Envelope, Signature
from custody.gathering import Awaiting, awaiting_of, take
from custody.keys import current_keys
from custody.reading import Recorded
from schemas.errors import CustodyConflict, Duplicate, SignatureRefused
from schemas.key_statement import KeyStatement
from schemas.statement import Statement
from store.database import transaction
from store.ledger import read_head
from store.signing_keys import find_waiting, list_waiting
from tests.strategies_custody import statement_of
from tests.support.bare_log import as_superuser
from tests.support.custody_case import NOW, record, seed, story
from tests.support.signing import (
    FOUNDERS,
    Person,
    desk,
    envelope_of,
    key_statement_of,
    second,
)

pytestmark = pytest.mark.store

MAKER, MAKER_2 = desk("maker"), second("maker")
SIZE = 2
"""Entries of a log that begins with keys and a commissioning."""


def by_two(**fields: Any) -> Statement:
    """Return a statement that two people sign."""
    signers = [MAKER.signer("confirmer"), MAKER_2.signer("verifier")]
    said = {"id": str(UUID(int=7)), "from": "maker", "remarks": "looked"} | fields
    return statement_of("condition", signers=signers, **said)


def part(said: Statement | KeyStatement, *people: Person) -> Envelope:
    """Return a statement as some of its signers send it."""
    return envelope_of(said, *people)


def taken(engine: Engine, envelope: Envelope) -> Recorded | Awaiting:
    with transaction(engine) as session:
        return take(session, envelope, NOW)


def missing(outcome: Recorded | Awaiting) -> list[str]:
    assert isinstance(outcome, Awaiting)
    return [signer.user for signer in outcome.missing]


def waiting_for(engine: Engine, person: Person) -> list[str]:
    with transaction(engine) as session:
        return [one.id for one in list_waiting(session, person.user)]


def size(engine: Engine) -> int:
    with transaction(engine) as session:
        return read_head(session).size


def begin(engine: Engine) -> None:
    seed(engine)
    record(engine, story()[0])


def check_green(engine: Engine) -> None:
    with transaction(engine) as session:
        report = audit(session)
    assert report.ok, report.sentence


@pytest.mark.parametrize("order", list(permutations((MAKER, MAKER_2))))
def test_two_signatures_in_any_order_are_recorded_in_the_order_of_the_signers(
    engine: Engine, order: Sequence[Person]
) -> None:
    begin(engine)
    said = by_two()
    first, last = order
    assert missing(taken(engine, part(said, first))) == [last.user]
    assert size(engine) == SIZE
    assert (waiting_for(engine, first), waiting_for(engine, last)) == ([], [said.id])
    recorded = taken(engine, part(said, last))
    assert isinstance(recorded, Recorded)
    assert recorded.new
    assert waiting_for(engine, last) == []
    assert size(engine) == SIZE + 1
    check_green(engine)


def test_the_same_signature_again_changes_nothing(engine: Engine) -> None:
    begin(engine)
    said = by_two()
    for _ in range(3):
        assert missing(taken(engine, part(said, MAKER))) == [MAKER_2.user]
    recorded = taken(engine, part(said, MAKER_2))
    assert isinstance(recorded, Recorded)
    for person in (MAKER, MAKER_2):
        again = taken(engine, part(said, person))
        assert again == replace(recorded, new=False)
        assert waiting_for(engine, person) == []


def test_an_enrolment_gathers_its_holder_and_two_approvers_in_any_order(engine: Engine) -> None:
    seed(engine)
    with transaction(engine) as session:
        head = current_keys(session)
    new = Person(user="new")
    people = [new, *FOUNDERS]
    said = key_statement_of(
        "enrol_key",
        keys=[new.key()],
        signers=[new.signer("holder"), *(one.signer("approver") for one in FOUNDERS)],
        seen={"sequence": head.sequence, "hash": head.head.hex()},
    )
    assert missing(taken(engine, part(said, people[2]))) == [new.user, FOUNDERS[0].user]
    assert missing(taken(engine, part(said, people[0]))) == [FOUNDERS[0].user]
    assert isinstance(taken(engine, part(said, people[1])), Recorded)
    with transaction(engine) as session:
        assert new.pair.key_id in current_keys(session).keys
    check_green(engine)


@pytest.mark.parametrize(
    ("signed_by", "why"),
    [
        ([desk("clinic")], "a key that is not to sign this"),
        ([Person(user="stranger")], "a key that is not to sign this"),
        ([], "Nobody has signed this"),
    ],
)
def test_whoever_is_not_to_sign_adds_nothing(
    engine: Engine, signed_by: list[Person], why: str
) -> None:
    begin(engine)
    envelope = replace(
        part(by_two(), MAKER),
        signatures=tuple(part(by_two(), one).signatures[0] for one in signed_by),
    )
    with pytest.raises(SignatureRefused, match=why):
        taken(engine, envelope)
    assert waiting_for(engine, MAKER_2) == []


def test_a_signature_over_other_bytes_does_not_wait(engine: Engine) -> None:
    begin(engine)
    other = part(by_two(remarks="another look"), MAKER)
    with pytest.raises(SignatureRefused, match="does not belong to these bytes"):
        taken(engine, replace(part(by_two(), MAKER), signatures=other.signatures))


def test_other_bytes_under_an_id_that_waits_are_refused(engine: Engine) -> None:
    begin(engine)
    taken(engine, part(by_two(), MAKER))
    with pytest.raises(Duplicate):
        taken(engine, part(by_two(remarks="something else"), MAKER_2))
    assert missing(taken(engine, part(by_two(), MAKER))) == [MAKER_2.user]


def test_what_could_not_be_recorded_does_not_wait(engine: Engine) -> None:
    begin(engine)
    said = by_two(seen={"sequence": 1, "hash": "00" * 32})
    with pytest.raises(CustodyConflict, match="does not have"):
        taken(engine, part(said, MAKER))
    assert waiting_for(engine, MAKER_2) == []
    assert size(engine) == SIZE


def test_a_key_revoked_while_its_statement_waited_does_not_count(engine: Engine) -> None:
    begin(engine)
    said = by_two()
    taken(engine, part(said, MAKER))
    with transaction(engine) as session:
        head = current_keys(session)
    revoked = key_statement_of(
        "revoke_key",
        revokes=[MAKER.pair.key_id],
        signers=[one.signer("approver") for one in FOUNDERS],
        seen={"sequence": head.sequence, "hash": head.head.hex()},
        reason="lost",
    )
    assert isinstance(taken(engine, part(revoked)), Recorded)
    with pytest.raises(SignatureRefused, match=r"maker\.desk was revoked"):
        taken(engine, part(said, MAKER_2))
    check_green(engine)


@pytest.mark.parametrize(
    ("attack", "refusal"),
    [
        ("payload = payload || '\\x20'::bytea", Duplicate),
        (
            "signatures = jsonb_set(signatures, '{0,sig}', to_jsonb(repeat('A', 86) || '=='))",
            SignatureRefused,
        ),
        ("signatures = jsonb_set(signatures, '{0,keyid}', to_jsonb(repeat('0', 64)))", None),
        ("waiting_for = '{}'", None),
    ],
)
def test_what_waits_is_believed_by_nobody_when_the_last_one_signs(
    engine: Engine, attack: str, refusal: type[Exception] | None
) -> None:
    begin(engine)
    said = by_two()
    taken(engine, part(said, MAKER))
    with transaction(engine) as session:
        before = find_waiting(session, said.id)
    as_superuser(engine, f"UPDATE pending_statement SET {attack}")
    with transaction(engine) as session:
        assert find_waiting(session, said.id) != before
    if refusal is None:
        taken(engine, part(said, MAKER_2))
    else:
        with pytest.raises(refusal):
            taken(engine, part(said, MAKER_2))
        assert size(engine) == SIZE
    check_green(engine)


def test_a_signature_put_into_what_waits_by_a_superuser_is_checked_before_it_counts(
    engine: Engine,
) -> None:
    begin(engine)
    said = by_two()
    taken(engine, part(said, MAKER))
    forged = Signature(key_id=MAKER_2.pair.key_id, signature=bytes(64))
    key = forged.key_id
    as_superuser(
        engine,
        "UPDATE pending_statement SET signatures = signatures || jsonb_build_array("
        f"jsonb_build_object('keyid', '{key}', 'sig', repeat('A', 86) || '=='))",
    )
    with transaction(engine) as session:
        waiting = find_waiting(session, said.id)
        assert waiting is not None
        assert awaiting_of(waiting).missing == ()
    with pytest.raises(SignatureRefused, match=r"maker\.second does not belong"):
        taken(engine, part(said, MAKER))
    assert size(engine) == SIZE
