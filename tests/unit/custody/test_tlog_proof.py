"""Proof files: strict reading, and what they prove."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.checkpoint import Checkpoint
from custody.checkpoint import sign_checkpoint as sign
from custody.merkle import inclusion_proof, root_of
from custody.tlog_proof import TlogProof, check_proof, parse_proof
from schemas.errors import LedgerCorrupt
from tests.strategies_custody import leaf_hashes
from tests.strategies_notes import LOG_KEY, LOG_PAIR, WITNESS_KEY, any_bytes, cosigned, tlog_proofs

NOTE = sign(Checkpoint(origin=LOG_KEY.name, size=1, root=bytes(32)), LOG_PAIR).decode()
HASH = "A" * 43 + "="
FIRST = "c2sp.org/tlog-proof@v1\n"


def proof_of(leaves: list[bytes], index: int) -> TlogProof:
    checkpoint = Checkpoint(origin=LOG_KEY.name, size=len(leaves), root=root_of(leaves))
    return TlogProof(
        index=index,
        hashes=inclusion_proof(leaves, index),
        checkpoint=cosigned(sign(checkpoint, LOG_PAIR)),
    )


@given(tlog_proofs)
def test_a_proof_is_read_as_it_was_written(proof: TlogProof) -> None:
    assert parse_proof(proof.to_bytes()) == proof


@given(any_bytes(tlog_proofs.map(TlogProof.to_bytes)))
def test_arbitrary_bytes_are_a_proof_in_exactly_one_writing_or_refused(data: bytes) -> None:
    with suppress(LedgerCorrupt):
        assert parse_proof(data).to_bytes() == data


@given(st.lists(leaf_hashes, min_size=1, max_size=40, unique=True), st.data())
def test_a_proof_shows_an_entry_at_its_index_and_no_other(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = proof_of(leaves, index)

    checkpoint = check_proof(proof, leaf=leaves[index], log_keys=[LOG_KEY, WITNESS_KEY])

    assert checkpoint.size == len(leaves)
    other = data.draw(
        st.binary(min_size=32, max_size=32).filter(lambda leaf: leaf != leaves[index])
    )
    with pytest.raises(LedgerCorrupt):
        check_proof(proof, leaf=other, log_keys=[LOG_KEY])
    elsewhere = data.draw(st.integers(0, 100).filter(lambda at: at != index))
    with pytest.raises(LedgerCorrupt):
        check_proof(replace(proof, index=elsewhere), leaf=leaves[index], log_keys=[LOG_KEY])


def test_a_proof_without_a_trusted_log_proves_nothing() -> None:
    proof = proof_of([bytes(32)], 0)

    for keys in ([], [WITNESS_KEY]):
        with pytest.raises(LedgerCorrupt):
            check_proof(proof, leaf=bytes(32), log_keys=keys)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        FIRST,
        f"{FIRST}index 0\n",
        f"{FIRST}index 0\n\n",
        f"{FIRST}\n{NOTE}",
        f"{FIRST}index 00\n\n{NOTE}",
        f"{FIRST}index -1\n\n{NOTE}",
        f"{FIRST}index\n\n{NOTE}",
        f"{FIRST}index  0\n\n{NOTE}",
        f"{FIRST}{HASH}\nindex 0\n\n{NOTE}",
        f"{FIRST}index 0\nextra AAAA\n\n{NOTE}",
        f"{FIRST}extra AAA\nindex 0\n\n{NOTE}",
        f"{FIRST}extra AAAA\nextra AAAA\nindex 0\n\n{NOTE}",
        f"{FIRST}index 0\nAAAA\n\n{NOTE}",
        f"{FIRST}index 0\n{HASH}\n{NOTE}",
        f"{FIRST}index 0\n\n\n{NOTE}",
        f"{FIRST}index 0\n{HASH * 64}\n\n{NOTE}",
        f"{FIRST}index 0\n" + f"{HASH}\n" * 64 + f"\n{NOTE}",
        f"{FIRST.replace('v1', 'v2')}index 0\n\n{NOTE}",
        f"{FIRST}index 0\n\na\nb\n\n— {LOG_KEY.name} AAAAAAAA\n",
    ],
)
def test_a_malformed_proof_is_refused(bad: str) -> None:
    with pytest.raises(LedgerCorrupt):
        parse_proof(bad.encode())


def test_sixty_three_hashes_are_read() -> None:
    text = f"{FIRST}index 0\n" + f"{HASH}\n" * 63 + f"\n{NOTE}"

    assert len(parse_proof(text.encode()).hashes) == 63
