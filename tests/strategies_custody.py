"""Strategies for custody: statements, what may not become one, and logs of leaf hashes."""

import contextlib
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from custody.rules import apply
from custody.state import CustodyState
from schemas.errors import CustodyConflict
from schemas.statement import Disposition, Statement, StatementKind

PARTIES = ("maker", "courier", "hub", "clinic")
ITEMS = ("04150000000013.A1", "04150000000013.A2")
SHIPMENTS = ("U-1", "U-2")
GLNS = ("4012345000009", "4012345000016")

identifiers = st.from_regex(r"[!-~](?:[ -~]{0,20}[!-~])?", fullmatch=True)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\t"),
    min_size=1,
    max_size=60,
)
statement_ids = st.uuids().map(str)
hashes_hex = st.binary(min_size=32, max_size=32).map(bytes.hex)
leaf_hashes = st.binary(min_size=32, max_size=32)
logs = st.lists(leaf_hashes, max_size=70)
instants_text = st.datetimes().map(lambda at: f"{at.isoformat(timespec='milliseconds')}Z")
verdicts = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["within", "possible", "excursion", "indeterminate"]),
        "version": st.integers(0, 2**53 - 1),
    }
)


def statement_of(kind: str, **fields: Any) -> Statement:
    """Return a statement of order A-1 with the fields given by their wire names."""
    document: dict[str, Any] = {
        "id": str(UUID(int=0)),
        "kind": kind,
        "order": "A-1",
        "claimed_at": "2026-11-21T10:00:00.000Z",
        "meaning": f"I {kind}",
        "signer": "someone",
    }
    return Statement.model_validate(document | fields)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Statements as they come over the wire, of every kind, complete for their kind."""
    kind = draw(st.sampled_from(StatementKind))
    conditions = draw(
        st.dictionaries(
            st.from_regex("[a-z][a-z0-9_]{0,9}", fullmatch=True),
            st.sampled_from(["yes", "no", "na"]) | texts,
            max_size=4,
        )
    )
    if kind is StatementKind.DISPOSITION:
        conditions["disposition"] = draw(st.sampled_from(Disposition)).value
    return {
        "v": 1,
        "id": draw(statement_ids),
        "kind": kind.value,
        "order": draw(identifiers),
        "shipment": draw(identifiers),
        "items": draw(st.lists(identifiers, min_size=1, max_size=3, unique=True)),
        "shipper": draw(identifiers),
        "seals": draw(st.lists(identifiers, max_size=3, unique=True)),
        "from": draw(identifiers),
        "to": draw(identifiers),
        "place": draw(st.from_regex("[0-9]{13}", fullmatch=True)),
        "claimed_at": draw(instants_text),
        "conditions": conditions,
        "verdict": draw(st.none() | verdicts),
        "meaning": draw(texts),
        "signer": draw(identifiers),
        "remarks": draw(texts),
        "corrects": draw(hashes_hex),
        "reason": draw(texts),
    }


statements = documents().map(Statement.model_validate)


@st.composite
def moves(draw: st.DrawFn, holder: str, bidder: str) -> Statement:
    """Statements about order A-1: by whoever holds, to whoever was offered it, or by anybody."""
    kind = draw(st.sampled_from(StatementKind) | st.sampled_from(["offer", "accept"]))
    fitting = draw(st.integers(0, 3)) > 0
    answers = kind in {"accept", "refuse"}
    conditions = {}
    if kind == "disposition":
        conditions["disposition"] = draw(st.sampled_from(Disposition)).value
    return statement_of(
        kind,
        **{
            "from": holder if fitting else draw(st.sampled_from(PARTIES)),
            "to": bidder if fitting and answers else draw(st.sampled_from(PARTIES)),
            "shipment": draw(st.sampled_from(SHIPMENTS)),
            "items": list(ITEMS) if fitting else draw(st.sampled_from([ITEMS[:1], ITEMS[1:]])),
            "place": draw(st.sampled_from(GLNS)),
            "shipper": "8003-1",
            "conditions": conditions,
            "corrects": "00" * 32,
            "reason": "because",
        },
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Statement]:
    """Statements of one order, many of which are refused; usually commissioned first."""
    state, history = CustodyState(), []
    for _ in range(draw(st.integers(0, 30))):
        if state.holder is None and draw(st.integers(0, 9)):
            party = draw(st.sampled_from(PARTIES))
            statement = statement_of("commission", **{"from": party}, items=list(ITEMS))
        else:
            bidder = state.offer.receiver if state.offer else "hub"
            statement = draw(moves(state.holder or "maker", bidder))
        history.append(statement)
        with contextlib.suppress(CustodyConflict):
            state = apply(state, statement)
    return history
