"""Two independent writings of the same formats: the simulator's and the ledger's."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.canonical import Json, encode
from custody.ed25519 import verify
from custody.envelope import EnvelopeView, envelope_of
from custody.key_file import new_key, save_key
from schemas.errors import ConfigurationError
from simulator.desks import DeviceKey, desk_of, key_of
from simulator.enrolment import read_approvers
from simulator.envelopes import STATEMENT_TYPE, canonical, envelope
from simulator.places import Party

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
LEAVES = TEXTS | st.integers(-(2**53) + 1, 2**53 - 1) | st.none()
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner)),
    max_size=5,
)


@given(document=DOCUMENTS)
def test_the_same_document_has_the_same_bytes(document: dict[str, Json]) -> None:
    assert canonical(document) == encode(document)


@given(payload=st.binary(max_size=200), seeds=st.lists(st.binary(min_size=32, max_size=32)))
def test_the_ledger_reads_an_envelope_and_its_signatures(
    payload: bytes, seeds: list[bytes]
) -> None:
    keys = [DeviceKey(seed) for seed in seeds]

    read = envelope_of(
        EnvelopeView.model_validate(envelope(STATEMENT_TYPE, payload, keys), strict=False)
    )

    assert read.payload == payload
    assert [one.key_id for one in read.signatures] == [key.key_id for key in keys]
    for one, key in zip(read.signatures, keys, strict=True):
        assert verify(key.public, one.signature, read.pae)


@given(secret=st.text(min_size=1), other=st.text(min_size=1))
def test_a_desks_key_follows_from_the_secret_and_the_desk(secret: str, other: str) -> None:
    party = Party(id="northway", name="Northway", kind="courier")
    driver, hub = desk_of(party, "driver"), desk_of(party, "hub")

    assert key_of(secret, driver).seed == key_of(secret, driver).seed
    assert key_of(secret, driver).seed != key_of(secret, hub).seed
    assert (key_of(secret, driver).seed == key_of(other, driver).seed) is (secret == other)


def test_approvers_are_the_keys_of_a_folder(tmp_path: Path) -> None:
    pairs = [new_key(), new_key()]
    for number, pair in enumerate(pairs):
        save_key(tmp_path / f"{number}.pem", pair)

    assert [key.public for key in read_approvers(tmp_path)] == [pair.public for pair in pairs]
    assert read_approvers(None) == ()


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN X-----\nAAAA\n-----END X-----\n"])
def test_what_is_no_key_is_said_in_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="holds 0 keys"):
        read_approvers(tmp_path)
    (tmp_path / "a.pem").write_text(text)
    with pytest.raises(ConfigurationError, match=r"a\.pem"):
        read_approvers(tmp_path)
