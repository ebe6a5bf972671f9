"""Proofs from stored nodes, on both databases."""

import pytest
from sqlalchemy import Engine, event

from custody.log_growth import grown
from custody.merkle import (
    check_consistency,
    check_inclusion,
    consistency_proof,
    grow,
    inclusion_proof,
    root_of,
)
from custody.tree import (
    frontier_at,
    root_at,
    stored_consistency_proof,
    stored_inclusion_proof,
)
from schemas.errors import LedgerCorrupt, NotFound, StoreUnavailable
from store.database import transaction
from store.ledger_nodes import find_nodes, stream_nodes
from store.ledger_stream import list_leaf_hashes
from tests.support.bare_log import add_entries, as_superuser

pytestmark = pytest.mark.store

SIZE = 21


def test_proofs_and_roots_of_every_size_are_those_of_the_leaves(engine: Engine) -> None:
    add_entries(engine, SIZE)
    with transaction(engine) as session:
        leaves = list_leaf_hashes(session, SIZE)
        for size in range(SIZE + 1):
            assert root_at(session, size) == root_of(leaves[:size])
            assert frontier_at(session, size) == grow(leaves[:size])
        for size in (1, 2, 7, 8, 13, SIZE):
            for index in range(size):
                proof = stored_inclusion_proof(session, index, size)
                assert proof == inclusion_proof(leaves[:size], index)
                check_inclusion(
                    leaf=leaves[index],
                    index=index,
                    size=size,
                    proof=proof,
                    root=root_at(session, size),
                )
            for old in range(1, size + 1):
                proof = stored_consistency_proof(session, old, size)
                assert proof == consistency_proof(leaves[:size], old)
                check_consistency(
                    old_size=old,
                    new_size=size,
                    old_root=root_at(session, old),
                    new_root=root_at(session, size),
                    proof=proof,
                )


def test_a_proof_takes_one_query(engine: Engine) -> None:
    add_entries(engine, SIZE)
    seen: list[str] = []
    with transaction(engine) as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        stored_inclusion_proof(session, 5, SIZE)
        assert len(seen) == 1
        stored_consistency_proof(session, 13, SIZE)
        assert len(seen) == 2


def test_nodes_are_streamed_as_appending_made_them(engine: Engine) -> None:
    add_entries(engine, SIZE)
    with transaction(engine) as session:
        nodes = list(stream_nodes(session, 16))
        found = find_nodes(session, [(node.level, node.position) for node in nodes])
    ends = [((node.position + 1) << node.level, node.level) for node in nodes]
    assert ends == sorted(ends)
    assert len(nodes) == 15
    assert found == {(node.level, node.position): node.hash for node in nodes}


def test_what_is_not_stored_is_no_proof(engine: Engine) -> None:
    add_entries(engine, 8)
    with transaction(engine) as session:
        with pytest.raises(LedgerCorrupt, match="lacks the node"):
            stored_inclusion_proof(session, 0, 9)
        with pytest.raises(NotFound):
            stored_consistency_proof(session, 0, 8)
    as_superuser(engine, "DELETE FROM ledger_node WHERE level = 2")
    with transaction(engine) as session, pytest.raises(LedgerCorrupt, match="entries 4 to 7"):
        stored_inclusion_proof(session, 0, 8)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_node SET hash = hash",
        "DELETE FROM ledger_node",
        "TRUNCATE ledger_node",
        "DELETE FROM ledger_checkpoint",
        "UPDATE ledger_cosignature SET line = ''",
        "TRUNCATE ledger_timestamp",
    ],
)
def test_nodes_and_signatures_only_grow(engine: Engine, statement: str) -> None:
    add_entries(engine, 2)
    with pytest.raises(StoreUnavailable, match="only grows"), transaction(engine) as session:
        session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("attack", "sentence"),
    [
        ("UPDATE ledger_entry SET entry_bytes = 'x' WHERE index = 3", "entry 3 is not that"),
        ("UPDATE ledger_entry SET leaf_hash = sha256('x') WHERE index = 3", "entry 3 is not that"),
        ("DELETE FROM ledger_entry WHERE index = 3", "Entry 3 is missing"),
        ("DELETE FROM ledger_entry WHERE index = 8", "Entry 8 is missing"),
        ("UPDATE ledger_node SET hash = sha256('x') WHERE level = 2", "ends at entry 3 is wrong"),
        ("DELETE FROM ledger_node WHERE position = 1 AND level = 1", "ends at entry 3 is wrong"),
        ("UPDATE ledger_head SET root = sha256('x')", "stored head"),
        ("UPDATE ledger_head SET frontier = '\\x' || frontier || 'x'", "stored head"),
    ],
)
def test_a_log_that_contradicts_itself_is_not_to_be_signed(
    engine: Engine, attack: str, sentence: str
) -> None:
    add_entries(engine, 9)
    as_superuser(engine, attack)
    with transaction(engine) as session, pytest.raises(LedgerCorrupt, match=sentence):
        grown(session, None)
