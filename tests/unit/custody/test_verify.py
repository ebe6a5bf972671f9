"""What is lawful is proven, and what a reader may rely on is said."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from custody.bundle import make_file
from custody.entry import KEYS_CHAIN
from custody.policy import Policy
from custody.verify import verify
from custody.verify_result import TITLES
from tests.strategies_signed import signed_logs
from tests.support.signed_case import SignedLog
from tests.support.signed_walk import Walk
from tests.support.verify_case import (
    A,
    faults,
    said_by,
    small_walk,
)


@pytest.fixture
def walk() -> Walk:
    return small_walk()


@pytest.fixture
def log(walk: Walk) -> SignedLog:
    walk.log.checkpoint()
    return walk.log


@settings(max_examples=40)
@given(log=signed_logs)
def test_what_was_made_lawfully_is_proven_entry_by_entry_and_as_a_whole(log: SignedLog) -> None:
    for order, chain in log.chains.items():
        files = [log.receipt(chain.indexes[0]), log.receipt(chain.indexes[-1])]
        files += [] if order == KEYS_CHAIN else [log.bundle(order)]
        for data in files:
            found = verify(data, log.policy)
            assert found.ok, found.to_json()
            assert (found.log, found.order, found.size) == (log.origin, order, len(log.entries))
            assert found.root == log.frontier.root()
            assert found.witnessed.count == len(log.witnesses)
            assert [step.title for step in found.steps] == list(TITLES)


def test_a_reader_who_pinned_log_and_witnesses_is_told_nothing(log: SignedLog) -> None:
    assert verify(log.bundle(A), log.policy).agreed == []


def test_a_reader_who_pinned_nothing_is_told_so(log: SignedLog) -> None:
    assert verify(log.bundle(A)).agreed == [
        (6, "log_not_pinned", None, "note"),
        (7, "witnesses_not_pinned", None, "note"),
    ]
    only_log = Policy(logs=log.policy.logs)
    assert verify(log.bundle(A), only_log).agreed == [(7, "witnesses_not_pinned", None, "note")]


def test_a_gap_in_a_bundle_is_found_and_a_missing_end_is_not_claimed(log: SignedLog) -> None:
    material = log.bundle_material(A)
    for gone in sorted(material.entries):
        without = replace(
            material,
            entries={i: data for i, data in material.entries.items() if i != gone},
            paths={i: path for i, path in material.paths.items() if i != gone},
            readings={i: data for i, data in material.readings.items() if i != gone},
        )
        found = verify(make_file(without), log.policy)
        assert ("order_chain_broken" in {each[1] for each in faults(found)}) == (
            gone != max(material.entries)
        )


def test_a_fork_is_found_by_who_pinned_the_witnesses(walk: Walk) -> None:
    """The log signs a second past, which its witnesses never saw."""
    pinned = walk.log.policy
    walk.log.record(said_by(walk, "courier-1"), [walk.people["courier-1"]])
    walk.log.checkpoint(cosigned_by=0)
    assert faults(verify(walk.log.bundle(A), pinned)) == [(7, "quorum_not_met", None)]


def test_results_are_written_for_machines(log: SignedLog) -> None:
    document = json.loads(verify(log.bundle(A), log.policy).to_json())
    assert (document["ok"], document["form"], document["entries"]) == (True, "bundle", 5)
    assert document["root"] == log.frontier.root().hex()
    assert document["witnessed"]["quorum_met"] is True
    assert document["witnessed"]["at"].endswith("Z")
    assert [step["title"] for step in document["steps"]] == list(TITLES)
