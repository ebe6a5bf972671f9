"""Strategies for custody: statements, what may not become one, and logs of leaf hashes."""

import contextlib
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from custody.canonical import statement_hash
from custody.rules import apply
from custody.state import CustodyState
from schemas.errors import CustodyConflict
from schemas.statement import Disposition, Statement, StatementKind
from tests.support.signing import LOG, NOTARY, desk

PARTIES = ("maker", "courier", "hub", "clinic")
ITEMS = ("04150000000013.A1", "04150000000013.A2")
SHIPMENTS = ("U-1", "U-2")
GLNS = ("4012345000009", "4012345000016")

COI = "c0" * 32
SEALED = {
    "leg": 1,
    "from": None,
    "until": "2026-11-21T09:00:00.000Z",
    "count": 0,
    "root": "e3" * 32,
    "earlier": None,
}

identifiers = st.from_regex(r"[!-~](?:[ -~]{0,20}[!-~])?", fullmatch=True)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\t"),
    min_size=1,
    max_size=60,
)
names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")),
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
    """Return a statement of order A-1 with the fields given by their wire names.

    The desk of the party that acts signs it, where the fields do not say who does.
    """
    actor = fields.get("to" if kind in {"accept", "refuse"} else "from")
    document: dict[str, Any] = {
        "log": LOG,
        "id": str(UUID(int=0)),
        "kind": kind,
        "order": "A-1",
        "claimed_at": "2026-11-21T10:00:00.000Z",
        "signers": [desk(actor).signer(meaning=f"I {kind}")],
    }
    if kind == "commission":
        document["coi"] = COI
    if kind == "seal_readings":
        document |= {"shipment": "U-1", "sealed": SEALED, "signers": [NOTARY.signer()]}
    return Statement.model_validate(document | fields)


def offer_and_answer(kind: str, *, both: dict[str, Any], **offer: Any) -> list[Statement]:
    """Return an offer and the statement that answers it, with the same parties."""
    offered = statement_of("offer", **both, **offer)
    return [offered, statement_of(kind, **both, answers=statement_hash(offered))]


clocks = st.fixed_dictionaries(
    {
        "offset_ms": st.integers(-(2**53) + 1, 2**53 - 1),
        "error_ms": st.integers(0, 2**53 - 1),
        "synced_at": instants_text,
    }
)
seen_heads = st.fixed_dictionaries({"sequence": st.integers(1, 2**53 - 1), "hash": hashes_hex})


@st.composite
def signers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One signer, or a confirmer and a verifier."""
    roles = draw(st.sampled_from([["signer"], ["confirmer", "verifier"]]))
    users = draw(st.lists(identifiers, min_size=2, max_size=2, unique=True))
    keys = draw(st.lists(hashes_hex, min_size=2, max_size=2, unique=True))
    return [
        {
            "user": user,
            "name": draw(names),
            "party": draw(st.none() | identifiers),
            "role": role,
            "key": key,
            "meaning": draw(texts),
        }
        for role, user, key in zip(roles, users, keys, strict=False)
    ]


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
        "v": 2,
        "log": draw(identifiers),
        "id": draw(statement_ids),
        "kind": kind.value,
        "order": draw(identifiers),
        "shipment": draw(identifiers),
        "items": draw(st.lists(identifiers, min_size=1, max_size=3, unique=True)),
        "shipper": draw(identifiers),
        "waybill": draw(st.none() | identifiers),
        "seals": draw(st.lists(identifiers, max_size=3, unique=True)),
        "from": draw(identifiers),
        "to": draw(identifiers),
        "place": draw(st.from_regex("[0-9]{13}", fullmatch=True)),
        "claimed_at": draw(instants_text),
        "clock": draw(st.none() | clocks),
        "conditions": conditions,
        "verdict": draw(st.none() | verdicts),
        "coi": draw(hashes_hex),
        "sealed": SEALED if kind is StatementKind.SEAL_READINGS else None,
        "signers": draw(signers()),
        "seen": draw(st.none() | seen_heads),
        "answers": draw(hashes_hex),
        "corrects": draw(hashes_hex),
        "remarks": draw(texts),
        "reason": draw(texts),
    }


statements = documents().map(Statement.model_validate)


@st.composite
def moves(draw: st.DrawFn, holder: str, bidder: str, offer: str) -> Statement:
    """Statements about order A-1: by whoever holds, to whoever was offered it, or by anybody."""
    kind = draw(st.sampled_from(StatementKind) | st.sampled_from(["offer", "accept"]))
    fitting = draw(st.integers(0, 3)) > 0
    answers = kind in {"accept", "refuse"}
    conditions = {"requalified": draw(st.sampled_from(["yes", "no"]))}
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
            "answers": offer if fitting else "00" * 32,
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
            offer = state.offer
            bidder, answers = (offer.receiver, offer.statement) if offer else ("hub", "11" * 32)
            statement = draw(moves(state.holder or "maker", bidder, answers))
        history.append(statement)
        with contextlib.suppress(CustodyConflict):
            state = apply(state, statement)
    return history
