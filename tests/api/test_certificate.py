"""The certificate: a PDF/A that prints what the ledger holds, and nothing of it is carried out."""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import typst
from sqlalchemy import Engine

from api.certificate import certificate_of
from api.shipment_page import detail_of
from api.shipments import get_facts
from custody.certificate import sources
from custody.checkpoint import open_checkpoint
from custody.notary import Notary, Plan
from custody.note import parse_vkey
from custody.second_place import SecondPlace
from schemas.roles import Role
from store.checkpoints import find_last_checkpoint
from store.database import transaction
from store.nouns import put
from store.scope import Scope
from store.tables.parties import Party
from tests.support.nouns import START
from tests.support.running_api import RunningApi
from tests.support.seal_case import SHIPMENT, SealCase, seal_case

pytestmark = pytest.mark.pg

PATH = f"/api/v1/shipments/{SHIPMENT}/certificate"
HOSTILE = '#panic("x") = *b* $x$ @y <z> \\ ` ``` // /* " #import "/etc/passwd" \u202e 😀 名'


@pytest.fixture
def case(engine: Engine) -> SealCase:
    """An order handed over once, with remarks, its first leg sealed."""
    case = seal_case(engine)
    case.measure(START, 10)
    case.hand_over("maker", "courier", START + timedelta(hours=1))
    case.say(
        "inspect", "courier", START + timedelta(hours=1), **{"from": "courier"}, remarks=HOSTILE
    )
    case.seal(START + timedelta(hours=1))
    return case


@pytest.fixture
def notary(engine: Engine, tmp_path: Path) -> Iterator[Notary]:
    place = SecondPlace(tmp_path / "notary")
    with place.claimed():
        yield Notary(engine, place, Plan(every=timedelta(seconds=10), entries=5))


def streams(pdf: bytes) -> bytes:
    """Return every stream of a PDF, decompressed where it is compressed."""
    out = []
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            out.append(zlib.decompress(found.group(1)))
        except zlib.error:
            out.append(found.group(1))
    return b"\n".join(out)


def test_the_certificate_is_a_pdf_a_that_carries_the_checkpoint(
    case: SealCase, notary: Notary, service: httpx.Client
) -> None:
    notary.sign(START + timedelta(hours=1))
    answer = service.get(PATH)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    pdf = answer.content
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    with transaction(case.engine) as session:
        row = find_last_checkpoint(session)
    assert row is not None
    described = re.search(rb"<dc:description>.*</dc:description>", pdf)
    assert described is not None
    assert f"size {row.size}, root {row.root.hex()}, entries 1–5".encode() in described.group()
    assert row.note in streams(pdf)
    assert open_checkpoint(row.note, [parse_vkey(row.vkey)]).root == row.root


def test_the_same_data_give_the_same_bytes(
    case: SealCase, notary: Notary, service: httpx.Client
) -> None:
    notary.sign(START + timedelta(hours=1))
    assert service.get(PATH).content == service.get(PATH).content


def test_hostile_names_are_printed_and_not_carried_out(
    case: SealCase, notary: Notary, service: httpx.Client
) -> None:
    case.run("UPDATE party SET name = :name WHERE id = 'courier'", name=HOSTILE)
    case.run("UPDATE treatment_order SET patient_alias = :name", name=HOSTILE)
    case.run("UPDATE site SET name = :name", name=HOSTILE)
    notary.sign(START + timedelta(hours=1))
    assert service.get(PATH).status_code == 200


def test_identity_is_on_paper_as_a_commitment_only(
    case: SealCase, notary: Notary, api: RunningApi
) -> None:
    case.run("UPDATE treatment_order SET coi_short = 'ZZ9Q7', patient_alias = 'Alias 17'")
    notary.sign(START + timedelta(hours=1))
    everything, now = Scope(everything=True), api.clock()
    with transaction(case.engine) as session:
        facts = get_facts(session, everything, SHIPMENT, now)
        detail = detail_of(session, everything, facts, now, api.app.state.house.sparks)
        certificate = certificate_of(session, api.app.state.house, detail)
    data = sources(certificate)["certificate.json"].decode()
    assert "ZZ9Q7" not in data
    for said in ("Alias 17", "commissioned", "accepted", "verdict", "Courier", HOSTILE[:10]):
        assert json.dumps(said)[1:-1] in data
    pages = typst.compile(  # type: ignore[call-overload]
        sources(certificate), format="png", ignore_system_fonts=True, ppi=40
    )
    assert 1 <= (len(pages) if isinstance(pages, list) else 1) <= 2


def test_before_a_checkpoint_is_signed_there_is_no_certificate(
    case: SealCase, service: httpx.Client
) -> None:
    assert service.get(PATH).status_code == 404


def test_what_came_after_the_checkpoint_is_shown_and_not_claimed(
    case: SealCase, notary: Notary, service: httpx.Client
) -> None:
    notary.sign(START + timedelta(hours=1))
    case.hand_over("courier", "clinic", START + timedelta(hours=2))
    pdf = service.get(PATH).content
    assert "entries 1–5<".encode() in pdf


def test_what_somebody_may_not_see_looks_as_if_it_were_not_there(
    case: SealCase, notary: Notary, as_role: Callable[..., httpx.Client]
) -> None:
    notary.sign(START + timedelta(hours=1))
    with transaction(case.engine) as session:
        put(session, Party(id="stranger", name="Stranger", kind="courier"))
    assert as_role(Role.COURIER, party_id="stranger").get(PATH).status_code == 404
    assert as_role(Role.COURIER, party_id="courier").get(PATH).status_code == 200
