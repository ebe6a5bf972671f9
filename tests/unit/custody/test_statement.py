"""A statement is strict: what is wrong is refused, what is right comes back as it was."""

from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from schemas.statement import Statement, StatementKind
from tests.strategies_custody import SEALED, documents, statement_of
from tests.support.signing import Person

OFFER: dict[str, Any] = {
    "log": "unbroken/test",
    "id": "0b9a8f1e-3c1b-4f6c-9f0e-000000000001",
    "kind": "offer",
    "order": "A-1187",
    "from": "maker",
    "to": "courier",
    "claimed_at": "2026-11-21T10:00:00.000Z",
    "conditions": {"case_intact": "yes"},
    "signers": [Person(user="m.ito", party="maker").signer(meaning="I offer possession")],
}
A = Person(user="a", party="maker").signer()
B = Person(user="b", party="maker").signer()


@given(documents())
def test_what_goes_in_comes_out_under_its_wire_name(document: dict[str, Any]) -> None:
    assert Statement.model_validate(document).model_dump(mode="json") == document


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 1),
        ("v", True),
        ("v", 1.0),
        ("id", "0B9A8F1E-3C1B-4F6C-9F0E-000000000001"),
        ("kind", "teleport"),
        ("order", ""),
        ("order", "A-1187\n"),
        ("order", " A"),
        ("from", "mäker"),
        ("to", None),
        ("items", ["a", "a"]),
        ("place", "123"),
        ("place", "\u0661" * 13),
        ("claimed_at", "2026-11-21T10:00:00Z"),
        ("claimed_at", "2026-11-21T10:00:00.000+00:00"),
        ("claimed_at", "2026-02-30T10:00:00.000Z"),
        ("claimed_at", "2026-11-21T24:00:00.000Z"),
        ("claimed_at", 1795305600),
        ("conditions", {"Übergabe": "yes"}),
        ("conditions", {"case_intact": True}),
        ("conditions", {"case_intact": "no"}),
        ("verdict", {"outcome": "fine", "version": 1}),
        ("verdict", {"outcome": "within", "version": 1.0}),
        ("verdict", {"outcome": "within", "version": 2**53}),
        ("remarks", ""),
        ("remarks", "a\x00b"),
        ("remarks", "\ud800"),
        ("signers", []),
        ("signers", [A, A]),
        ("signers", [A, B]),
        ("signers", [A | {"role": "verifier"}]),
        ("signers", [B | {"role": "confirmer"}, B | {"role": "verifier", "user": "x"}]),
        ("signers", [A | {"key": "zz"}]),
        ("seen", {"sequence": 0, "hash": "ab" * 32}),
        ("seen", {"sequence": 1}),
        ("clock", {"offset_ms": 1.5, "error_ms": 0, "synced_at": "2026-11-21T10:00:00.000Z"}),
        ("sealed", SEALED),
        ("answers", "AB" * 32),
        ("corrects", "AB" * 32),
        ("temperature", -171.2),
        ("from_party", "maker"),
    ],
)
def test_one_fault_refuses_the_whole_statement(field: str, value: object) -> None:
    Statement.model_validate(OFFER)
    with pytest.raises(ValidationError):
        Statement.model_validate(OFFER | {field: value})


def test_no_at_a_condition_is_taken_with_a_reason_or_a_remark() -> None:
    dented = OFFER | {"conditions": {"case_intact": "no"}}
    Statement.model_validate(dented | {"remarks": "dent at the lid"})
    Statement.model_validate(dented | {"reason": "dent"})


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("commission", "items"),
        ("accept", "to and answers"),
        ("refuse", "a reason or remarks"),
        ("depart", "shipment"),
        ("arrive", "place"),
        ("waste", "a reason or remarks"),
        ("correct", "corrects and reason"),
        ("transfer_title", "to"),
    ],
)
def test_the_error_names_what_a_kind_cannot_do_without(kind: str, missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        statement_of(kind)


def test_a_disposition_says_what_was_decided() -> None:
    with pytest.raises(ValidationError, match="release_with_deviation"):
        statement_of("disposition", reason="seen")
    statement_of("disposition", reason="seen", conditions={"disposition": "reject"})


def test_two_people_are_a_confirmer_and_then_a_verifier() -> None:
    two = [A | {"role": "confirmer"}, B | {"role": "verifier"}]
    assert Statement.model_validate(OFFER | {"signers": two}).signer == "a"
    with pytest.raises(ValidationError, match="a confirmer and then a verifier"):
        Statement.model_validate(OFFER | {"signers": two[::-1]})


def test_the_receiver_acts_in_accept_and_refuse_and_the_giver_otherwise() -> None:
    both = {"from": "maker", "to": "courier", "answers": "ab" * 32, "reason": "r"}
    assert statement_of("accept", **both).actor == "courier"
    assert statement_of("refuse", **both).actor == "courier"
    assert statement_of("offer", **both).actor == "maker"


def test_there_are_the_kinds_of_the_domain_and_the_erasure_of_an_identity() -> None:
    assert len(StatementKind) == 22 + 1
