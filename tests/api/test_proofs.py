"""Receipts and bundles over HTTP: what is downloaded is proven, and only to who may see it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from custody.notary import Notary, Plan
from custody.second_place import SecondPlace
from custody.verify import verify
from schemas.roles import Role
from store.database import transaction
from store.nouns import put
from store.tables.parties import Party
from tests.support.nouns import START
from tests.support.seal_case import ORDER, SealCase, seal_case

pytestmark = pytest.mark.pg


@pytest.fixture
def case(engine: Engine) -> SealCase:
    """An order handed over once, its first leg sealed: entries 1 to 4."""
    case = seal_case(engine)
    case.measure(START, 10)
    case.hand_over("maker", "courier", START + timedelta(hours=1))
    case.seal(START + timedelta(hours=1))
    return case


@pytest.fixture
def notary(engine: Engine, tmp_path: Path) -> Iterator[Notary]:
    place = SecondPlace(tmp_path / "notary")
    with place.claimed():
        yield Notary(engine, place, Plan(every=timedelta(seconds=10), entries=5))


def test_a_receipt_and_a_bundle_are_files_that_prove_themselves(
    case: SealCase, notary: Notary, service: httpx.Client
) -> None:
    notary.sign(START + timedelta(hours=1))
    for path, name, entries in (
        ("/api/v1/ledger/entries/2/receipt", "receipt-2.zip", 1),
        ("/api/v1/ledger/entries/0/receipt", "receipt-0.zip", 1),
        (f"/api/v1/orders/{ORDER}/bundle", "bundle.zip", 4),
    ):
        answer = service.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        found = verify(answer.content)
        assert (found.ok, found.entries) == (True, entries), found.to_json()


def test_legs_are_shown_as_asked(case: SealCase, notary: Notary, service: httpx.Client) -> None:
    notary.sign(START + timedelta(hours=1))
    path = f"/api/v1/orders/{ORDER}/bundle"
    for legs, hidden in ((None, False), ("1", False), ("2,1", False), ("2", True), ("", True)):
        answer = service.get(path, params={} if legs is None else {"legs": legs})
        codes = {each[1] for each in verify(answer.content).agreed}
        assert ("readings_not_shown" in codes) == hidden
    assert service.get(path, params={"legs": "first"}).status_code == 422


def test_before_a_checkpoint_is_signed_there_is_no_proof(
    case: SealCase, service: httpx.Client
) -> None:
    assert service.get("/api/v1/ledger/entries/2/receipt").status_code == 404
    assert service.get(f"/api/v1/orders/{ORDER}/bundle").status_code == 404


def test_what_somebody_may_not_see_looks_as_if_it_were_not_there(
    case: SealCase, notary: Notary, as_role: Callable[..., httpx.Client]
) -> None:
    notary.sign(START + timedelta(hours=1))
    with transaction(case.engine) as session:
        put(session, Party(id="stranger", name="Stranger", kind="courier"))
    stranger = as_role(Role.COURIER, party_id="stranger")
    courier = as_role(Role.COURIER, party_id="courier")
    for path in ("/api/v1/ledger/entries/2/receipt", f"/api/v1/orders/{ORDER}/bundle"):
        assert (courier.get(path).status_code, stranger.get(path).status_code) == (200, 404)
    for somebody in (courier, stranger):
        assert somebody.get("/api/v1/ledger/entries/0/receipt").status_code == 200
        assert somebody.get("/api/v1/ledger/entries/99/receipt").status_code == 404
