"""Who signed: every signature missing, swapped, of another or over other bytes is told."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.envelope import Envelope, Signature
from custody.key_log import KeyLog, KeyRecord
from custody.people import (
    check_signatures,
    false_names,
    invalid_keys,
    suspect_keys,
    unsigned,
)
from schemas.errors import LedgerCorrupt
from schemas.statement import Statement
from tests.strategies_custody import statement_of
from tests.support.signing import Person, desk, envelope_of, second

MAKER, MAKER_2, CLINIC = desk("maker"), second("maker"), desk("clinic")
SAID = statement_of(
    "condition",
    **{"from": "maker"},
    remarks="looked",
    signers=[MAKER.signer("confirmer"), MAKER_2.signer("verifier")],
)
SIGNED = envelope_of(SAID)


def log_of(*people: Person, **fields: Any) -> KeyLog:
    """Return keys that count from index 1 on, with the fields changed."""
    return KeyLog(
        keys={
            one.pair.key_id: KeyRecord(
                **{
                    "key": one.pair.key_id,
                    "public": one.pair.public,
                    "user": one.user,
                    "name": one.name,
                    "party": one.party,
                    "approver": False,
                    "enrolled_index": 0,
                    **fields,
                }
            )
            for one in people
        }
    )


LOG = log_of(MAKER, MAKER_2)
PUBLIC = {key: record.public for key, record in LOG.keys.items()}


def test_good_signatures_of_all_signers_pass() -> None:
    check_signatures(SIGNED, SAID, PUBLIC)
    assert unsigned(SIGNED, SAID) == []


@pytest.mark.parametrize(
    ("signatures", "missing"),
    [
        ((), [MAKER.pair.key_id, MAKER_2.pair.key_id]),
        (SIGNED.signatures[:1], [MAKER_2.pair.key_id]),
        (SIGNED.signatures[1:], [MAKER.pair.key_id]),
    ],
)
def test_whoever_has_not_signed_is_named_in_the_order_of_the_signers(
    signatures: tuple[Signature, ...], missing: list[str]
) -> None:
    envelope = replace(SIGNED, signatures=signatures)
    assert unsigned(envelope, SAID) == missing
    with pytest.raises(LedgerCorrupt, match="not those of the signers"):
        check_signatures(envelope, SAID, PUBLIC)


@pytest.mark.parametrize(
    "signatures",
    [
        SIGNED.signatures[::-1],
        (*SIGNED.signatures, SIGNED.signatures[0]),
        (SIGNED.signatures[0], *envelope_of(SAID, CLINIC).signatures),
    ],
)
def test_signatures_out_of_order_too_many_or_of_others_are_refused(
    signatures: tuple[Signature, ...],
) -> None:
    with pytest.raises(LedgerCorrupt, match="one each, in their order"):
        check_signatures(replace(SIGNED, signatures=signatures), SAID, PUBLIC)


def test_a_key_that_nobody_knows_is_refused() -> None:
    known = {MAKER.pair.key_id: MAKER.pair.public}
    with pytest.raises(LedgerCorrupt, match=r"key of maker\.second was never enrolled"):
        check_signatures(SIGNED, SAID, known)


def test_two_good_signatures_under_each_other_s_key_are_refused() -> None:
    one, other = SIGNED.signatures
    swapped = (replace(one, signature=other.signature), replace(other, signature=one.signature))
    with pytest.raises(LedgerCorrupt, match=r"signature of maker\.desk does not belong"):
        check_signatures(replace(SIGNED, signatures=swapped), SAID, PUBLIC)


@given(
    which=st.integers(0, 1),
    at=st.integers(0, 63),
    mask=st.integers(1, 255),
)
def test_any_altered_byte_of_a_signature_is_refused(which: int, at: int, mask: int) -> None:
    changed = bytearray(SIGNED.signatures[which].signature)
    changed[at] ^= mask
    signatures = list(SIGNED.signatures)
    signatures[which] = replace(signatures[which], signature=bytes(changed))
    with pytest.raises(LedgerCorrupt, match="does not belong to these bytes"):
        check_signatures(replace(SIGNED, signatures=tuple(signatures)), SAID, PUBLIC)


@given(at=st.integers(0, 10_000), mask=st.integers(1, 255))
def test_any_altered_byte_that_was_signed_is_refused(at: int, mask: int) -> None:
    changed = bytearray(SIGNED.payload)
    changed[at % len(changed)] ^= mask
    with pytest.raises(LedgerCorrupt, match="does not belong to these bytes"):
        check_signatures(replace(SIGNED, payload=bytes(changed)), SAID, PUBLIC)


def test_the_same_bytes_of_another_type_are_not_what_was_signed() -> None:
    other = Envelope(
        payload_type="text/plain", payload=SIGNED.payload, signatures=SIGNED.signatures
    )
    with pytest.raises(LedgerCorrupt, match="does not belong to these bytes"):
        check_signatures(other, SAID, PUBLIC)


@pytest.mark.parametrize(
    ("log", "index", "sentences"),
    [
        (LOG, 1, []),
        (LOG, 0, ["enrolled later, at entry 0", "enrolled later, at entry 0"]),
        (log_of(MAKER), 1, ["key of maker.second is not enrolled"]),
        (log_of(MAKER, MAKER_2, revoked_index=5), 4, []),
        (log_of(MAKER, MAKER_2, revoked_index=5), 5, ["revoked at entry 5"] * 2),
        (log_of(MAKER, MAKER_2, revoked_index=5), 6, ["revoked at entry 5"] * 2),
        (log_of(MAKER, MAKER_2, enrolled_index=7), 7, ["enrolled later, at entry 7"] * 2),
    ],
)
def test_a_key_counts_only_between_its_enrolment_and_its_revocation(
    log: KeyLog, index: int, sentences: list[str]
) -> None:
    found = list(invalid_keys(log, SAID, index))
    assert len(found) == len(sentences)
    assert all(part in one for part, one in zip(sentences, found, strict=True))


@pytest.mark.parametrize("changed", [{"user": "else"}, {"name": "Else"}, {"party": "hub"}])
def test_a_signer_who_is_not_whom_the_key_belongs_to_is_named(changed: dict[str, str]) -> None:
    found = list(false_names(log_of(MAKER, MAKER_2, **changed), SAID))
    assert len(found) == 2
    assert "maker.desk (Person maker.desk) signs with the key of" in found[0]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (statement_of("store", **{"from": "maker"}), None),
        (
            statement_of("store", **{"from": "hub"}, signers=[MAKER.signer()]),
            "maker.desk signs for maker, and cannot act for hub.",
        ),
        (
            statement_of("accept", to="clinic", answers="0" * 64, signers=[MAKER.signer()]),
            "maker.desk signs for maker, and cannot act for clinic.",
        ),
        (
            statement_of("store", **{"from": "maker"}, signers=[desk(None).signer()]),
            "quality signs for None, and cannot act for maker.",
        ),
        (statement_of("inspect", signers=[desk(None).signer()]), None),
    ],
)
def test_who_acts_acts_for_the_own_party_only(said: Statement, sentence: str | None) -> None:
    log = log_of(MAKER, desk(None))
    assert list(false_names(log, said)) == ([] if sentence is None else [sentence])


@pytest.mark.parametrize(
    ("since", "suspect"),
    [
        ("2026-11-21T09:59:59.999Z", True),
        ("2026-11-21T10:00:00.000Z", True),
        ("2026-11-21T10:00:00.001Z", False),
        (None, False),
    ],
)
def test_what_was_claimed_since_a_key_is_suspect_is_to_be_looked_at(
    since: str | None, *, suspect: bool
) -> None:
    at = None if since is None else datetime.fromisoformat(since).astimezone(UTC)
    log = log_of(MAKER, MAKER_2, suspect_since=at)
    assert len(list(suspect_keys(log, SAID))) == 2 * suspect
    assert list(suspect_keys(KeyLog(), SAID)) == []
