"""Canonical bytes mean one thing; whatever is not canonical is refused, never repaired."""

import contextlib
import json

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from custody.canonical import Json, canonical_json, decode, encode, parse_signed, signed_bytes
from schemas.errors import LedgerCorrupt
from schemas.statement import Statement
from tests.strategies_custody import statement_of, statements
from tests.support.signing import desk

texts = st.text(
    st.characters(codec="utf-8")
    | st.characters(max_codepoint=0x20)
    | st.sampled_from('\x7f\x80\u2028\u2029\ufeff\uffff\U0001f9ca\U0010ffff"\\/')
)
keys = st.text(st.characters(max_codepoint=0x7F))
edges = st.sampled_from([-(2**53) + 1, 2**53 - 1, 0, -1])
scalars = st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | edges | texts
values = st.recursive(
    scalars, lambda each: st.lists(each) | st.dictionaries(keys, each), max_leaves=12
)


@given(values)
def test_decode_returns_what_encode_was_given(value: Json) -> None:
    assert decode(encode(value)) == value


@given(values)
@example("".join(map(chr, range(0x100))))
@example({chr(key): "\u2028\U0001f9ca\x7f" for key in range(0x80)})
def test_bytes_are_those_of_rfc_8785(value: Json) -> None:
    assert encode(value) == rfc8785.dumps(value)


@given(statements)
def test_a_statement_comes_back_from_its_bytes(statement: Statement) -> None:
    assert parse_signed(Statement, signed_bytes(statement)) == statement


@given(statements, st.data())
def test_a_statement_that_leaves_a_field_out_is_refused(
    statement: Statement, data: st.DataObject
) -> None:
    document = json.loads(signed_bytes(statement))
    parts = [document, *document["signers"]]
    parts += [document[key] for key in ("clock", "verdict", "sealed", "seen") if document[key]]
    part = data.draw(st.sampled_from(parts))
    del part[data.draw(st.sampled_from(sorted(part)))]
    with pytest.raises(LedgerCorrupt):
        parse_signed(Statement, encode(document))


@given(statements)
def test_keys_are_sorted_and_every_field_is_written(statement: Statement) -> None:
    keys = list(json.loads(signed_bytes(statement)))
    assert keys == sorted(keys)
    assert len(keys) == len(Statement.model_fields)


def test_bytes_of_a_known_statement_never_change() -> None:
    statement = statement_of("offer", **{"from": "maker", "to": "courier", "seals": ["88-1207"]})
    assert signed_bytes(statement) == (
        b'{"answers":null,"claimed_at":"2026-11-21T10:00:00.000Z","clock":null,"coi":null,'
        b'"conditions":{},"corrects":null,"from":"maker",'
        b'"id":"00000000-0000-0000-0000-000000000000","items":[],"kind":"offer",'
        b'"log":"unbroken/test","order":"A-1","place":null,"reason":null,"remarks":null,'
        b'"sealed":null,"seals":["88-1207"],"seen":null,"shipment":null,"shipper":null,'
        b'"signers":[{"key":"' + desk("maker").pair.key_id.encode() + b'","meaning":"I offer",'
        b'"name":"Person maker.desk","party":"maker","role":"signer","user":"maker.desk"}],'
        b'"to":"courier","v":2,"verdict":null,"waybill":null}'
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"a":1}\n',
        b'{"a": 1}',
        b'{"a":1}{}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":-0}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0061"}',
        b'{"a":"\\/"}',
        b"[" * 100_000,
        b'{"a":"\x01"}',
    ],
)
def test_bytes_with_one_fault_are_refused(data: bytes) -> None:
    with pytest.raises(LedgerCorrupt):
        decode(data)


@given(st.binary(max_size=60))
@example(b"\xed\xa0\x80")
def test_any_bytes_are_decoded_or_refused_with_one_error(data: bytes) -> None:
    try:
        value = decode(data)
    except LedgerCorrupt:
        return
    assert encode(value) == data


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {"a": [1.0]},
        float("nan"),
        2**53,
        -(2**53),
        "\ud800",
        {1: "a"},
        {None: "a"},
        {"\u00e4": 1},
        {"\U0001f9ca": 1},
        b"x",
        {1},
    ],
)
def test_a_value_without_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(LedgerCorrupt):
        encode(value)


def test_canonical_json_that_is_no_statement_is_refused() -> None:
    with pytest.raises(LedgerCorrupt, match="not a statement"):
        parse_signed(Statement, b'{"v":1}')
    with pytest.raises(LedgerCorrupt, match="not a statement"):
        parse_signed(Statement, b"7")


@given(statements, st.data())
def test_a_statement_with_an_altered_byte_is_refused_or_another(
    statement: Statement, data: st.DataObject
) -> None:
    altered = bytearray(signed_bytes(statement))
    at = data.draw(st.integers(0, len(altered) - 1))
    altered[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(LedgerCorrupt):
        assert parse_signed(Statement, bytes(altered)) != statement


def test_a_statement_in_another_form_is_refused() -> None:
    data = signed_bytes(statement_of("offer", **{"from": "a", "to": "b"}))
    for other in (
        data + b" ",
        data.replace(b'"v":2', b'"v":2.0'),
        data.replace(b'"v":2', b'"v":2,"v":2'),
        data.replace(b'"I offer"', b'"\\u0049 offer"'),
        data.replace(b'"I offer"', b'"\\ud800"'),
    ):
        assert other != data
        with pytest.raises(LedgerCorrupt):
            parse_signed(Statement, other)


def test_a_statement_with_a_field_left_out_is_refused() -> None:
    fields = json.loads(signed_bytes(statement_of("offer", **{"from": "a", "to": "b"})))
    del fields["remarks"]
    with pytest.raises(LedgerCorrupt, match="canonical"):
        parse_signed(Statement, encode(fields))


def test_any_json_has_its_canonical_form_by_the_examples_of_rfc_8785() -> None:
    example_3_2_2 = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical_json(example_3_2_2) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    example_3_2_3 = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "ö": 7}
    assert list(json.loads(canonical_json(example_3_2_3)).values()) == [2, 4, 6, 7, 1, 5, 3]
    for without_a_form in (float("nan"), float("inf"), 2**53, "\ud800", {1: 2}, object()):
        with pytest.raises(LedgerCorrupt):
            canonical_json(without_a_form)
