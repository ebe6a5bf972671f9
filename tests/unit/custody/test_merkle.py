"""The log's arithmetic against RFC 6962's definition and its reference vectors."""

from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custody.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_proof,
    grow,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)
from schemas.errors import LedgerCorrupt, NotFound
from tests.strategies_custody import leaf_hashes, logs

# The reference leaves and roots of google/certificate-transparency, merkletree tests.
REFERENCE_LEAVES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
nonempty_logs = logs.filter(bool)
sides = st.sampled_from(["left", "right"])


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(defined_root(leaves[:k]), defined_root(leaves[k:]))


def test_roots_are_those_of_the_reference_log() -> None:
    leaves = [leaf_hash(each) for each in REFERENCE_LEAVES]
    roots = [root_of(leaves[:size]).hex() for size in range(1, 9)]
    assert roots == REFERENCE_ROOTS


def test_proofs_are_those_of_the_reference_log() -> None:
    leaves = [leaf_hash(each) for each in REFERENCE_LEAVES]
    assert [each.hex() for each in inclusion_proof(leaves, 5)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [each.hex() for each in consistency_proof(leaves, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_the_empty_log_has_the_hash_of_nothing_as_root() -> None:
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest()


@given(logs)
def test_the_frontier_has_the_root_of_the_recursive_definition(leaves: list[bytes]) -> None:
    assert root_of(leaves) == defined_root(leaves)


@given(logs)
def test_a_frontier_comes_back_from_its_bytes(leaves: list[bytes]) -> None:
    frontier = grow(leaves)
    assert Frontier.from_bytes(frontier.size, frontier.to_bytes()) == frontier
    with pytest.raises(LedgerCorrupt):
        Frontier.from_bytes(frontier.size, frontier.to_bytes() + b"\x00" * 32)


@given(nonempty_logs, st.data())
def test_every_entry_proves_its_inclusion(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    check_inclusion(
        leaf=leaves[index], index=index, size=len(leaves), proof=proof, root=root_of(leaves)
    )


@given(nonempty_logs, st.data())
def test_no_altered_bit_proves_inclusion(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    parts = [leaves[index], root_of(leaves), *inclusion_proof(leaves, index)]
    chosen = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    parts[chosen] = (int.from_bytes(parts[chosen]) ^ (1 << bit)).to_bytes(32)
    with pytest.raises(LedgerCorrupt):
        check_inclusion(
            leaf=parts[0], index=index, size=len(leaves), proof=parts[2:], root=parts[1]
        )


@given(nonempty_logs, st.data())
def test_no_other_place_proves_inclusion(leaves: list[bytes], data: st.DataObject) -> None:
    distinct = list(dict.fromkeys(leaves))
    index = data.draw(st.integers(0, len(distinct) - 1))
    claimed = data.draw(st.integers(-1, len(distinct)).filter(lambda each: each != index))
    proof = inclusion_proof(distinct, index)
    with pytest.raises(LedgerCorrupt):
        check_inclusion(
            leaf=distinct[index],
            index=claimed,
            size=len(distinct),
            proof=proof,
            root=root_of(distinct),
        )


@given(nonempty_logs, st.data())
def test_every_log_continues_its_beginnings(leaves: list[bytes], data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, len(leaves)))
    check_consistency(
        old_size=old_size,
        new_size=len(leaves),
        old_root=root_of(leaves[:old_size]),
        new_root=root_of(leaves),
        proof=consistency_proof(leaves, old_size),
    )


@given(nonempty_logs, st.data())
def test_no_altered_bit_proves_consistency(leaves: list[bytes], data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(leaves, old_size)
    parts = [root_of(leaves[:old_size]), root_of(leaves), *proof]
    chosen = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    parts[chosen] = (int.from_bytes(parts[chosen]) ^ (1 << bit)).to_bytes(32)
    with pytest.raises(LedgerCorrupt):
        check_consistency(
            old_size=old_size,
            new_size=len(leaves),
            old_root=parts[0],
            new_root=parts[1],
            proof=parts[2:],
        )


@given(
    st.integers(-3, 40),
    st.integers(-3, 40),
    st.lists(st.binary(max_size=40) | st.just(b"\x00" * 32), max_size=10),
    st.binary(max_size=40) | st.just(b"\x00" * 32),
)
@example(0, 0, [], b"")
@example(0, 1, [b"\x00" * 32] * 9, b"\x00" * 32)
@example(1, 2, [], b"\x00" * 32)
def test_a_malformed_proof_is_a_failed_proof(
    small: int, large: int, proof: list[bytes], root: bytes
) -> None:
    with pytest.raises(LedgerCorrupt):
        check_inclusion(leaf=root, index=small, size=large, proof=[*proof, b"short"], root=root)
    with pytest.raises(LedgerCorrupt):
        check_consistency(
            old_size=small,
            new_size=large,
            old_root=root,
            new_root=EMPTY_ROOT,
            proof=[*proof, EMPTY_ROOT],
        )


@given(nonempty_logs, leaf_hashes)
def test_every_log_continues_the_empty_one_without_a_proof(
    leaves: list[bytes], whatever: bytes
) -> None:
    root = root_of(leaves)
    check_consistency(old_size=0, new_size=len(leaves), old_root=whatever, new_root=root, proof=())
    check_consistency(old_size=0, new_size=0, old_root=root, new_root=root, proof=())
    with pytest.raises(LedgerCorrupt):
        check_consistency(
            old_size=0, new_size=len(leaves), old_root=whatever, new_root=root, proof=(root,)
        )


@given(nonempty_logs, st.data())
def test_a_proof_of_another_length_fails(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    others = [(*proof, EMPTY_ROOT), *([proof[:-1]] if proof else [])]
    for other in others:
        with pytest.raises(LedgerCorrupt):
            check_inclusion(
                leaf=leaves[index], index=index, size=len(leaves), proof=other, root=root_of(leaves)
            )


def test_there_is_no_proof_of_what_the_log_does_not_have() -> None:
    with pytest.raises(NotFound):
        inclusion_proof([EMPTY_ROOT], 1)
    with pytest.raises(NotFound):
        consistency_proof([EMPTY_ROOT], 0)
    with pytest.raises(NotFound):
        consistency_proof([EMPTY_ROOT], 2)
