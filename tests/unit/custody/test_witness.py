"""A witness's decision: what is cosigned, and why anything else is refused."""

from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.key_file import SigningKeyPair
from custody.merkle import EMPTY_ROOT
from custody.witness import (
    Head,
    Refusal,
    Request,
    Submission,
    Witness,
    admit,
    cosign_after,
    decide,
    parse_request,
    trusted_logs,
)
from schemas.errors import ConfigurationError, LedgerCorrupt
from tests.strategies_custody import leaf_hashes
from tests.strategies_notes import NOW, WITNESS_KEY, WITNESS_PAIR, any_bytes, signed_checkpoints
from tests.support.witnessed_log import WitnessedLog

LOG = WitnessedLog()
LOGS = trusted_logs([LOG.key.to_text()])
WITNESS = Witness(name=WITNESS_KEY.name, pair=WITNESS_PAIR, logs=LOGS)
requests = st.builds(
    Request,
    old_size=st.integers(0, 2**53 - 1),
    proof=st.lists(leaf_hashes, max_size=4).map(tuple),
    note=signed_checkpoints,
)
small_sizes = st.integers(0, 20)


def head_of(log: WitnessedLog, size: int) -> Head:
    submission = admit(log.request(0, size), LOGS)
    assert isinstance(submission, Submission)
    return Head(size=size, root=submission.checkpoint.root, at=NOW)


def answer(body: bytes, head: Head) -> tuple[int, int | None]:
    """Return status and told size of a request at a head."""
    admitted = admit(body, LOGS)
    refusal = admitted if isinstance(admitted, Refusal) else decide(admitted, head)
    return (HTTPStatus.OK, None) if refusal is None else (refusal.status, refusal.size)


@given(requests)
def test_a_request_is_read_as_it_was_written(request: Request) -> None:
    assert parse_request(request.to_bytes()) == request


@given(any_bytes(requests.map(Request.to_bytes)))
def test_arbitrary_bytes_are_a_request_in_exactly_one_writing_or_a_bad_one(data: bytes) -> None:
    with suppress(LedgerCorrupt):
        assert parse_request(data).to_bytes() == data
    assert isinstance(admit(data, {}), Refusal)


@given(small_sizes, small_sizes)
def test_growth_is_cosigned_from_the_size_that_was_cosigned_last(one: int, other: int) -> None:
    old, size = sorted((one, other))

    assert answer(LOG.request(old, size), head_of(LOG, old)) == (200, None)


@given(small_sizes, small_sizes, small_sizes)
def test_another_old_size_is_answered_with_the_right_one(seen: int, old: int, more: int) -> None:
    if old != seen:
        body = LOG.request(old, old + more)
        assert answer(body, head_of(LOG, seen)) == (409, seen)


@given(st.integers(1, 20), st.integers(0, 19), st.integers(0, 10))
def test_a_log_that_parted_from_its_past_is_never_cosigned(
    seen: int, parted_at: int, more: int
) -> None:
    fork = LOG.forked(min(parted_at, seen - 1))
    status = answer(fork.request(seen, seen + more), head_of(LOG, seen))

    assert status == ((409, seen) if more == 0 else (422, None))


@given(st.integers(1, 20), st.data())
def test_a_log_put_back_or_cut_is_never_cosigned(seen: int, data: st.DataObject) -> None:
    smaller = data.draw(st.integers(0, seen - 1))
    old = data.draw(st.integers(0, smaller))

    assert answer(LOG.request(old, smaller), head_of(LOG, seen)) == (409, seen)
    told = Request(old_size=seen, proof=(), note=LOG.note(smaller)).to_bytes()
    assert answer(told, head_of(LOG, seen)) == (400, None)


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_any_altered_hash_of_a_proof_is_refused(seen: int, more: int, data: st.DataObject) -> None:
    proof = LOG.proof(seen, seen + more)
    at = data.draw(st.integers(0, len(proof) - 1))
    altered = data.draw(leaf_hashes.filter(lambda each: each != proof[at]))
    bent = (*proof[:at], altered, *proof[at + 1 :])
    body = Request(old_size=seen, proof=bent, note=LOG.note(seen + more)).to_bytes()

    assert answer(body, head_of(LOG, seen)) == (422, None)


def test_the_same_checkpoint_is_cosigned_again_but_not_with_a_proof() -> None:
    head = head_of(LOG, 7)

    assert answer(LOG.request(7, 7), head) == (200, None)
    for old, size in ((7, 7), (0, 7)):
        body = Request(old_size=old, proof=(bytes(32),), note=LOG.note(size)).to_bytes()
        assert answer(body, head if old else Head()) == (422, None)


def test_an_empty_log_has_one_root_only() -> None:
    assert answer(LOG.request(0, 0), Head()) == (200, None)
    other = WitnessedLog().note(1).replace(b"\n1\n", b"\n0\n")
    assert bytes(32) != EMPTY_ROOT
    assert answer(b"old 0\n\n" + other, Head()) == (403, None)


def test_a_log_that_is_not_known_is_not_found() -> None:
    assert answer(WitnessedLog(origin="unbroken/else").request(0, 3), Head()) == (404, None)


def test_a_checkpoint_that_its_log_did_not_sign_is_forbidden() -> None:
    thief = WitnessedLog(pair=SigningKeyPair(bytes(32)))
    altered = LOG.request(0, 3).replace(b"\n3\n", b"\n4\n")

    assert answer(thief.request(0, 3), Head()) == (403, None)
    assert answer(altered, Head()) == (403, None)


def test_signatures_of_others_are_ignored_and_not_kept() -> None:
    extra = WitnessedLog(origin="unbroken/else").note(3).rpartition(b"\n\n")[2]
    submission = admit(LOG.request(0, 3) + extra, LOGS)

    assert isinstance(submission, Submission)
    assert submission.note.to_bytes() == LOG.note(3)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old 00\n\n" + LOG.note(1),
        b"old -1\n\n" + LOG.note(1),
        b"old  0\n\n" + LOG.note(1),
        b"Old 0\n\n" + LOG.note(1),
        b"0\n\n" + LOG.note(1),
        b"old 0\r\n\r\n" + LOG.note(1),
        b"old 0\nAAAA\n\n" + LOG.note(1),
        b"old 0\n" + LOG.note(1),
        b"old 0\n\n\n" + LOG.note(1),
        b"old 0\n\n" + LOG.note(1)[:-1],
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + LOG.note(2),
        b"old 2\n\n" + LOG.note(1),
    ],
)
def test_a_malformed_request_is_a_bad_one(bad: bytes) -> None:
    assert answer(bad, Head()) == (400, None)


def test_the_time_of_cosignatures_never_runs_backwards() -> None:
    submission = admit(LOG.request(7, 7), LOGS)
    assert isinstance(submission, Submission)
    head = head_of(LOG, 7)

    back, _ = cosign_after(submission, head, WITNESS, NOW - timedelta(days=1))
    on, _ = cosign_after(submission, head, WITNESS, NOW + timedelta(seconds=1.9))

    assert (back.at, on.at) == (NOW, NOW + timedelta(seconds=1))


def test_a_log_may_change_its_key_while_both_are_trusted() -> None:
    renewed = WitnessedLog(pair=SigningKeyPair(bytes([7] * 32)))
    both = trusted_logs([LOG.key.to_text(), renewed.key.to_text()])

    assert isinstance(admit(renewed.request(0, 3), both), Submission)
    assert isinstance(admit(LOG.request(0, 3), both), Submission)


@pytest.mark.parametrize("bad", ["", "nobody", WITNESS_KEY.to_text()])
def test_only_keys_of_logs_are_trusted_as_logs(bad: str) -> None:
    with pytest.raises(ConfigurationError):
        trusted_logs([bad])
