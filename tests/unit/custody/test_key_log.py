"""Which keys count: properties over any history of key statements, and each refusal by name."""

import contextlib
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.ed25519 import key_id
from custody.key_log import APPROVERS as NEEDED
from custody.key_log import KeyLog, apply_keys, public_keys
from schemas.errors import CustodyConflict
from schemas.key_statement import KeyStatement, KeyStatementKind
from tests.strategies_keys import (
    APPROVERS,
    EVERYBODY,
    STAFF,
    Holder,
    about_keys,
    key_histories,
)

ONE, TWO, THREE = APPROVERS
ANN, BEN, _ = STAFF
BOTH = (ONE, TWO)
STEP = 10
"""Entries between two statements about keys."""


def hash_of(number: int) -> bytes:
    return sha256(bytes([number])).digest()


def after(*statements: KeyStatement) -> KeyLog:
    """Return the keys after statements at the indexes 0, 10, 20 and so on."""
    log = KeyLog()
    for number, said in enumerate(statements):
        log = apply_keys(log, said, number * STEP).with_head(hash_of(number))
    return log


def taken(history: list[KeyStatement]) -> Iterator[tuple[int, KeyStatement, KeyLog, KeyLog]]:
    """Yield what may be said: its index, itself, and the keys before and after it."""
    log = KeyLog()
    for number, said in enumerate(history):
        with contextlib.suppress(CustodyConflict):
            following = apply_keys(log, said, number * STEP).with_head(hash_of(number))
            yield number * STEP, said, log, following
            log = following


FOUNDED = about_keys("found_keys", new=(*APPROVERS, ANN))


@given(key_histories())
def test_two_approvers_are_always_left(history: list[KeyStatement]) -> None:
    for *_, log in taken(history):
        left = {one.user for one in log.keys.values() if one.approver and not one.revoked_index}
        assert len(left) >= NEEDED


@given(key_histories())
def test_a_key_stays_for_ever_and_never_changes_hands(history: list[KeyStatement]) -> None:
    for index, said, before, log in taken(history):
        for key, record in before.keys.items():
            now = log.keys[key]
            assert (now.user, now.name, now.party, now.public, now.enrolled_index) == (
                record.user,
                record.name,
                record.party,
                record.public,
                record.enrolled_index,
            )
            if record.revoked_index is not None:
                assert now == record
        new = log.keys.keys() - before.keys.keys()
        assert new == {key_id(bytes.fromhex(one.public)) for one in said.keys}
        assert all(log.keys[key].enrolled_index == index for key in new)


@given(key_histories())
def test_two_others_whose_keys_counted_approved_each_change(history: list[KeyStatement]) -> None:
    for index, said, before, _ in taken(history):
        if said.kind is KeyStatementKind.FOUND_KEYS:
            continue
        approvers = [one for one in said.signers if one.role == "approver"]
        assert len({one.user for one in approvers}) == NEEDED
        assert not {one.user for one in approvers} & {key.user for key in said.keys}
        for one in approvers:
            record = before.keys[one.key]
            assert record.approver
            assert record.counts_at(index)
            assert record.user == one.user


@given(key_histories())
def test_only_keys_that_were_in_use_are_revoked_and_only_for_their_owner_s_new_one(
    history: list[KeyStatement],
) -> None:
    for index, said, before, log in taken(history):
        for key in said.revokes:
            assert before.keys[key].revoked_index is None
            assert log.keys[key].revoked_index == index
            if said.kind is KeyStatementKind.ROTATE_KEY:
                assert before.keys[key].user in {one.user for one in said.keys}
        gone = {k for k, one in log.keys.items() if one.revoked_index == index}
        assert gone == set(said.revokes)


@given(history=key_histories(), index=st.integers(0, 200))
def test_a_key_counts_after_it_was_let_in_until_it_is_let_out(
    history: list[KeyStatement], index: int
) -> None:
    for *_, log in taken(history):
        for record in log.keys.values():
            end = record.revoked_index
            assert record.counts_at(index) == (
                record.enrolled_index < index and (end is None or index < end)
            )


@given(key_histories())
def test_the_keys_to_check_a_statement_with_are_all_known_and_its_own(
    history: list[KeyStatement],
) -> None:
    for _, said, before, _ in taken(history):
        public = public_keys(before, said)
        assert {signer.key for signer in said.signers} <= public.keys()
        assert all(key_id(one) == key for key, one in public.items())


def test_keys_begin_with_their_founders() -> None:
    log = after(FOUNDED)
    assert (log.sequence, log.head) == (1, hash_of(0))
    assert {one.user for one in log.keys.values()} == {"qa.one", "qa.two", "qa.three", ANN.user}
    record = log.keys[ONE.pair.key_id]
    assert (record.enrolled_index, record.revoked_index, record.approver) == (0, None, True)
    assert not record.counts_at(0)
    assert record.counts_at(1)
    assert log.public_of(ONE.pair.key_id) == ONE.pair.public
    assert log.public_of("00" * 32) is None


def test_a_rotation_lets_one_key_in_and_the_other_out() -> None:
    new = ANN.rotated()
    rotated = about_keys("rotate_key", new=(new,), approvers=BOTH, revokes=[ANN.pair.key_id])
    log = after(FOUNDED, rotated)
    assert log.keys[ANN.pair.key_id].revoked_index == STEP
    assert log.keys[new.pair.key_id].enrolled_index == STEP
    assert [log.keys[ANN.pair.key_id].counts_at(at) for at in (0, 1, 9, 10, 11)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_revocation_says_since_when_the_key_is_suspect() -> None:
    since = "2026-11-21T10:00:00.000Z"
    revoked = about_keys(
        "revoke_key", approvers=BOTH, revokes=[ANN.pair.key_id], suspect_since=since
    )
    found = after(FOUNDED, revoked).keys[ANN.pair.key_id].suspect_since
    assert found is not None
    assert found.isoformat() == "2026-11-21T10:00:00+00:00"


def renamed(statement: KeyStatement, **signer: str) -> KeyStatement:
    first, *rest = statement.signers
    return statement.model_copy(update={"signers": (first.model_copy(update=signer), *rest)})


REVOKED_BEN = about_keys("revoke_key", approvers=BOTH, revokes=[ANN.pair.key_id])
ENROLLED_BEN = about_keys("enrol_key", new=(BEN,), approvers=BOTH)
REFUSED = {
    "The keys are founded already": FOUNDED,
    "qa.one cannot approve a key of the own": about_keys(
        "enrol_key", new=(ONE.rotated(),), approvers=BOTH
    ),
    "2 different people must approve this": about_keys("enrol_key", new=(BEN,), approvers=(ONE,)),
    f"The key of {ANN.user} may not approve": about_keys(
        "enrol_key", new=(BEN,), approvers=(ONE, ANN)
    ),
    "The key of qa.two may not approve": about_keys(
        "enrol_key", new=(BEN,), approvers=(ONE, TWO.rotated())
    ),
    "was enrolled before": about_keys("enrol_key", new=(ANN,), approvers=BOTH),
    "is not in use": about_keys("revoke_key", approvers=BOTH, revokes=["00" * 32]),
    "who gets no new one here": about_keys(
        "rotate_key", new=(BEN,), approvers=BOTH, revokes=[ANN.pair.key_id]
    ),
    "no other, signs as its holder": about_keys(
        "enrol_key",
        new=(BEN,),
        signers=[one.signer("approver") for one in BOTH],
    ),
    f"signs for a key that is said to be of {BEN.user}": renamed(ENROLLED_BEN, name="Else"),
    "is said to be of": renamed(ENROLLED_BEN, user="somebody"),
    "qa.else signs with a key of qa.one": renamed(REVOKED_BEN, user="qa.else"),
    "signs with a key of qa.one": renamed(REVOKED_BEN, name="Else"),
    "Fewer than 2 approvers would be left": about_keys(
        "revoke_key", approvers=BOTH, revokes=[ONE.pair.key_id, TWO.pair.key_id]
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_may_not_follow_is_refused_with_the_reason(sentence: str) -> None:
    with pytest.raises(CustodyConflict, match=sentence):
        after(FOUNDED, REFUSED[sentence])


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        (ENROLLED_BEN, "No keys are founded yet"),
        (about_keys("found_keys", new=(ONE, ANN)), "Fewer than 2 approvers"),
        (about_keys("found_keys", new=(ONE, ANN, BEN)), "Fewer than 2 approvers"),
        (about_keys("found_keys", new=BOTH, approvers=(THREE,)), "signed by its own keys only"),
    ],
)
def test_what_founds_nothing_is_refused(first: KeyStatement, sentence: str) -> None:
    with pytest.raises(CustodyConflict, match=sentence):
        after(first)


def test_one_approver_with_two_keys_is_one_person() -> None:
    second_key = about_keys("enrol_key", new=(ONE.rotated(),), approvers=(TWO, THREE))
    alone = about_keys("enrol_key", new=(BEN,), approvers=(ONE, ONE.rotated()))
    with pytest.raises(CustodyConflict, match="2 different people"):
        after(FOUNDED, second_key, alone)


def test_an_approver_s_key_approves_nothing_once_it_is_revoked() -> None:
    gone = about_keys("revoke_key", approvers=(TWO, THREE), revokes=[ONE.pair.key_id])
    with pytest.raises(CustodyConflict, match=r"key of qa\.one may not approve"):
        after(FOUNDED, gone, ENROLLED_BEN)


def test_a_key_does_not_approve_in_the_entry_that_lets_it_in() -> None:
    log = after(FOUNDED)
    assert not log.keys[ONE.pair.key_id].counts_at(0)
    with pytest.raises(CustodyConflict, match="may not approve"):
        apply_keys(log, ENROLLED_BEN, 0)


def test_everybody_here_is_somebody_else() -> None:
    keys: set[str] = {one.pair.key_id for one in EVERYBODY}
    assert len(keys | {Holder(user=one.user, number=1).pair.key_id for one in EVERYBODY}) == 12
