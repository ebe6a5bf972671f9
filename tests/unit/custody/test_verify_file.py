"""Damage to the file and to the form of its members, each found alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custody.bundle import Material, make_file, members_of, seal_members
from custody.bundle_members import Part, numbered
from custody.container import build
from custody.verify import verify
from tests.support.signed_case import SignedLog
from tests.support.signed_walk import Walk
from tests.support.verify_case import (
    A,
    faults,
    force,
    judge,
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


# (1)
def test_any_other_file_is_damaged(log: SignedLog) -> None:
    data = log.bundle(A)
    for other in (b"", b"PK", data[:-1], data + b"\n", data.replace(b"unbroken", b"unbrokem", 1)):
        found = verify(other)
        assert found.agreed == [(1, "file_damaged", None, "fault")]
        assert (found.form, found.entries, found.root) == (None, 0, None)


@pytest.mark.parametrize("change", ["missing", "unknown", "of the other form", "readme", "sums"])
def test_members_that_do_not_belong_are_damage(log: SignedLog, change: str) -> None:
    members = members_of(log.bundle_material(A))
    match change:
        case "missing":
            del members["policy.txt"]
        case "unknown":
            members["entries/1.json"] = b"{}"
        case "of the other form":
            members["hand/log.pem"] = b""
        case "readme":
            members["README.md"] += b"Send money.\n"
    data = seal_members(members)
    if change == "sums":
        data = build(members | {"SHA256SUMS": b""})
    assert faults(verify(data)) == [(1, "file_damaged", None)]


def test_a_receipt_has_one_entry(log: SignedLog) -> None:
    members = members_of(log.receipt_material(3))
    members[numbered(Part.ENTRY, 4)] = log.entries[4]
    assert faults(verify(seal_members(members))) == [(1, "file_damaged", None)]


# (2)
@pytest.mark.parametrize(
    ("part", "index"),
    [
        (Part.ENTRY, 3),
        (Part.KEY, 1),
        (Part.PROOF, 3),
        (Part.READINGS, 5),
        (Part.CHECKPOINT, None),
        (Part.CONSISTENCY, None),
        ("about.json", None),
        ("checkpoint.txt", None),
        ("policy.txt", None),
    ],
)
@pytest.mark.parametrize("junk", [b"\n", b"{}", b"x"])
def test_a_member_of_another_form_is_unreadable_at_its_index(
    log: SignedLog, part: Part | str, index: int | None, junk: bytes
) -> None:
    numbers = {Part.CHECKPOINT: 6, Part.CONSISTENCY: 6}
    name = str(part)
    if isinstance(part, Part):
        name = numbered(part, numbers.get(part, index or 0))
    members = members_of(log.bundle_material(A))
    assert name in members
    if name == "policy.txt" and junk == b"\n":
        junk = b"quorum none\n"
    found = verify(seal_members({**members, name: junk}))
    assert found.agreed == [(2, "unreadable", index, "fault")]
    assert len(found.steps) == 2


ABSENT: list[Callable[[Material], Material]] = [
    lambda m: replace(m, paths={i: p for i, p in m.paths.items() if i != 3}),
    lambda m: replace(m, keys={i: k for i, k in m.keys.items() if i != 1}),
    lambda m: replace(m, readings={4: b""}),
    lambda m: replace(m, readings={99: b""}),
    lambda m: replace(m, timestamps={99: b""}),
    lambda m: replace(m, keys=dict(m.keys) | {3: m.entries[3]}),
    lambda m: replace(m, order="A-9"),
    lambda m: replace(m, order=""),
    lambda m: replace(m, entries=dict.fromkeys(m.entries, m.entries[3])),
    lambda m: replace(m, earlier={7: m.earlier[6]}),
    lambda m: replace(m, earlier={5: m.earlier[6]}),
]


@pytest.mark.parametrize("change", ABSENT, ids=map(str, range(len(ABSENT))))
def test_members_that_do_not_fit_each_other_are_unreadable(
    log: SignedLog, change: Callable[[Material], Material]
) -> None:
    found = faults(verify(make_file(change(log.bundle_material(A)))))
    assert [each[:2] for each in found] == [(2, "unreadable")]


@pytest.mark.parametrize("entries", ["[]", "[3,2,4,5,6]", "[2,3,4,5,99]", '["2"]', "[-1,3]"])
def test_entries_that_do_not_ascend_below_the_size_are_unreadable(
    log: SignedLog, entries: str
) -> None:
    members = members_of(log.bundle_material(A))
    members["about.json"] = members["about.json"].replace(b"[2,3,4,5,6]", entries.encode())
    assert faults(verify(seal_members(members))) == [(2, "unreadable", None)]


def test_an_entry_under_another_index_is_unreadable(log: SignedLog) -> None:
    members = members_of(log.bundle_material(A))
    for other in (4, 0):
        changed = {**members, numbered(Part.ENTRY, 3): log.entries[other]}
        assert faults(verify(seal_members(changed))) == [(2, "unreadable", 3)]
    changed = {**members, numbered(Part.KEY, 1): log.entries[3]}
    assert faults(verify(seal_members(changed))) == [(2, "unreadable", 1)]


def test_an_entry_without_a_signature_of_each_signer_is_unreadable(walk: Walk) -> None:
    index = force(walk, said_by(walk, "courier-1"), [])
    assert faults(judge(walk.log)) == [(2, "unreadable", index)]


@pytest.mark.parametrize("name", ["other/0000000003.txt", "entries/0000000003.txt", "entries/3"])
def test_a_member_of_no_known_name_is_damage(log: SignedLog, name: str) -> None:
    members = members_of(log.bundle_material(A))
    assert faults(verify(seal_members({**members, name: b""}))) == [(1, "file_damaged", None)]


def test_by_hand_there_is_no_key_of_who_was_never_enrolled_and_no_signature_of_another_log(
    walk: Walk,
) -> None:
    stranger = replace(walk.people["courier-1"], pair=walk.log.new_pair())
    walk.people["courier-1"] = stranger
    index = force(walk, said_by(walk, "courier-1"), [stranger])
    walk.log.checkpoint()
    material = replace(walk.log.receipt_material(index), policy=SignedLog(9).policy.to_bytes())
    names = {name for name in members_of(material) if name.startswith("hand/")}
    assert not names & {"hand/signer-1.pem", "hand/checkpoint.sig"}
    codes = {each[1] for each in faults(verify(make_file(material)))}
    assert codes == {"other_log", "checkpoint_signature_bad", "cosignature_bad", "key_not_valid"}


def test_what_serves_for_following_by_hand_is_compared(log: SignedLog) -> None:
    members = members_of(log.receipt_material(3))
    hand = [name for name in members if name.startswith("hand/")]
    assert len(hand) == 7
    for name in hand:
        changed = {**members, name: members[name] + b"\n"}
        without = {each: data for each, data in members.items() if each != name}
        for other in (changed, without, members | {"hand/signer-9.pem": b""}):
            assert faults(verify(seal_members(other))) == [(2, "unreadable", None)]
