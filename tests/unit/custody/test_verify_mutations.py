"""No byte of a bundle or a receipt can be changed without being found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.bundle import seal_members
from custody.bundle_members import POLICY, SUMS
from custody.container import open_container
from custody.verify import verify
from tests.support.mutate import deep, shallow
from tests.support.signed_case import SignedLog
from tests.support.signed_walk import Walk, items_of, signed_log
from tests.support.verify_case import A, small_walk

STRIDE = 1009
"""Of the bytes of the large bundle; `python -m tests.support.mutate` changes all of them."""
DEEP_STRIDE = 20_011
SCRAPS = (b"[" * 3000, b"9" * 400, b"1e400", b"-0", b"\\ud800", b"null", b"{}", b"\n\n", b"\xff")


@pytest.fixture(scope="module")
def tiny() -> SignedLog:
    """A log of two founders' keys, two entries, an earlier checkpoint and one witness."""
    log = SignedLog(3, witnesses=1, quorum=1)
    walk = Walk(log)
    walk.people = {user: walk.people[user] for user in ("maker-1", "clinic-1")}
    founders = list(walk.people.values())
    said = log.key_statement(
        "found_keys",
        [each.as_signer("holder", "mine") for each in founders],
        keys=[each.as_key() for each in founders],
    )
    log.record_keys(said, founders)
    maker = [walk.people["maker-1"]]
    fields = {"from": "maker", "items": items_of(A), "coi": "ab" * 32}
    log.record(log.statement("commission", A, maker, **fields), maker)
    log.checkpoint()
    log.record(log.statement("condition", A, maker), maker)
    log.checkpoint()
    return log


@pytest.fixture(scope="module")
def large() -> bytes:
    log = signed_log(200, orders=2, length=200)
    data = log.bundle("A-0")
    found = verify(data, log.policy)
    assert (found.ok, found.entries) == (True, 200)
    return data


def test_every_changed_byte_of_a_small_bundle_is_found(tiny: SignedLog) -> None:
    assert list(shallow(tiny.bundle(A))) == []


def test_every_changed_byte_of_a_receipt_is_found(tiny: SignedLog) -> None:
    assert list(shallow(tiny.receipt(1))) == []


def test_changed_bytes_of_a_bundle_of_200_entries_are_found(large: bytes) -> None:
    assert list(shallow(large, stride=STRIDE)) == []


def test_every_byte_is_bound_also_when_the_file_is_made_anew(tiny: SignedLog) -> None:
    assert list(deep(tiny.bundle(A))) == []


def test_every_byte_of_a_receipt_is_bound_also_when_the_file_is_made_anew(
    tiny: SignedLog,
) -> None:
    assert list(deep(tiny.receipt(2), stride=3)) == []


def test_every_byte_of_sealed_readings_is_bound() -> None:
    log = readings_log()
    members = frozenset(each for each in deep_members(log.bundle(A)) if "readings/" not in each)
    assert list(deep(log.bundle(A), without=members)) == []


def test_bytes_of_a_bundle_of_200_entries_are_bound(large: bytes) -> None:
    assert list(deep(large, stride=DEEP_STRIDE)) == []


@given(data=st.data(), scrap=st.sampled_from(SCRAPS) | st.binary(max_size=20))
def test_whatever_is_put_into_a_member_is_found_and_nothing_is_raised(
    tiny: SignedLog, data: st.DataObject, scrap: bytes
) -> None:
    members = open_container(data.draw(st.sampled_from([tiny.bundle(A), tiny.receipt(1)])))
    name = data.draw(st.sampled_from(sorted(members.keys() - {POLICY, SUMS})))
    whole = members[name]
    first = data.draw(st.integers(0, len(whole)))
    last = data.draw(st.integers(first, min(len(whole), first + 40)) | st.just(len(whole)))
    changed = whole[:first] + scrap + whole[last:]
    assert verify(seal_members({**members, name: changed})).ok == (changed == whole)


def test_what_only_the_log_claims_is_bound_by_nothing_but_the_sums(tiny: SignedLog) -> None:
    """As `docs/bundle.md` says: the policy in the file is a claim."""
    members = open_container(tiny.bundle(A))
    claim = members[POLICY].replace(b"quorum", b"# trust us\nquorum")
    assert verify(seal_members({**members, POLICY: claim})).ok


def readings_log() -> SignedLog:
    walk = small_walk()
    while len(walk.log.readings.get(len(walk.log.entries) - 1, b"")) < 300:
        walk._seal(A)
    walk.log.checkpoint()
    return walk.log


def deep_members(data: bytes) -> set[str]:
    return set(open_container(data))
