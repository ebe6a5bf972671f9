"""The log's head over HTTP: signed, witnessed, proven; and who is told when it does not fit."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from custody.base64_text import from_base64
from custody.checkpoint import open_checkpoint
from custody.merkle import check_consistency
from custody.notary import Notary, Plan
from custody.note import VerifierKey, parse_note
from custody.policy import Policy
from custody.second_place import SecondPlace
from custody.tree import root_at
from custody.witnessing import Witnesses
from schemas.roles import Role
from schemas.settings import Settings
from store.database import transaction
from store.nouns import put
from store.tables.parties import Party
from tests.support.bare_log import add_entries, cut_off
from tests.support.running_api import RunningApi, running_api
from tests.support.witnesses import k_of, log_key, witnesses

pytestmark = pytest.mark.pg

PLAN = Plan(every=timedelta(seconds=10), entries=1)
NAMES = ("maker.example/w", "courier.example/w", "clinic.example/w")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[SecondPlace]:
    place = SecondPlace(tmp_path / "notary")
    with place.claimed():
        yield place


@pytest.fixture
def log(engine: Engine, place: SecondPlace) -> VerifierKey:
    return log_key(engine, place)


@pytest.fixture
def policy(log: VerifierKey, tmp_path: Path) -> Iterator[Policy]:
    with witnesses(tmp_path, NAMES, log) as known:
        yield k_of(2, known)


@pytest.fixture
def witnessed_api(engine: Engine, policy: Policy, tmp_path: Path) -> Iterator[RunningApi]:
    (tmp_path / "policy").write_bytes(policy.to_bytes())
    with running_api(engine, Settings(witness_policy=tmp_path / "policy")) as running:
        yield running


@pytest.fixture
def auditor(witnessed_api: RunningApi) -> Iterator[httpx.Client]:
    with witnessed_api.client(witnessed_api.token(Role.AUDITOR)) as client:
        yield client


def test_an_unsigned_log_says_so(auditor: httpx.Client, policy: Policy) -> None:
    found = auditor.get("/api/v1/ledger").json()
    assert (found["size"], found["founded"], found["checkpoint"]) == (0, False, None)
    assert found["witnessed"] == {
        "size": 0,
        "at": None,
        "age_s": None,
        "k": 2,
        "n": 3,
        "witnesses": [{"name": name, "size": None, "at": None} for name in policy.witnesses],
    }
    assert auditor.get("/api/v1/ledger/checkpoint").status_code == 404


def test_without_witnesses_nothing_is_said_of_them(service: httpx.Client) -> None:
    assert service.get("/api/v1/ledger").json()["witnessed"] is None


def test_the_head_shows_what_is_signed_and_how_far_it_is_witnessed(
    engine: Engine,
    place: SecondPlace,
    log: VerifierKey,
    policy: Policy,
    witnessed_api: RunningApi,
    auditor: httpx.Client,
) -> None:
    add_entries(engine, 5)
    with httpx.Client() as client:
        Notary(engine, place, PLAN, witnesses=Witnesses(policy, client)).work(witnessed_api.clock())
    add_entries(engine, 2)
    witnessed_api.clock.ahead = timedelta(seconds=90)
    found = auditor.get("/api/v1/ledger").json()
    assert (found["size"], found["checkpoint"]["size"]) == (7, 5)
    witnessed = found["witnessed"]
    assert (witnessed["size"], witnessed["k"], witnessed["n"]) == (5, 2, 3)
    assert 90 <= witnessed["age_s"] < 120
    assert [(one["name"], one["size"]) for one in witnessed["witnesses"]] == [
        (name, 5) for name in NAMES
    ]
    answer = auditor.get("/api/v1/ledger/checkpoint")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == found["checkpoint"]["note"]
    assert answer.content == auditor.get("/api/v1/ledger/checkpoint?size=5").content
    assert open_checkpoint(answer.content, [log]).root.hex() == found["checkpoint"]["root"]
    assert policy.met_by(policy.cosigners(parse_note(answer.content)))
    assert auditor.get("/api/v1/ledger/checkpoint?size=6").status_code == 404


def test_anybody_can_prove_that_the_log_only_grew(engine: Engine, auditor: httpx.Client) -> None:
    add_entries(engine, 13)
    with transaction(engine) as session:
        roots = {size: root_at(session, size) for size in range(14)}
    for old, new in [(1, 13), (4, 13), (6, 7), (12, 12), (13, 13)]:
        answer = auditor.get("/api/v1/ledger/consistency", params={"old": old, "new": new})
        check_consistency(
            old_size=old,
            new_size=new,
            old_root=roots[old],
            new_root=roots[new],
            proof=[from_base64(each) for each in answer.json()["proof"]],
        )


@pytest.mark.parametrize(
    ("query", "status"),
    [("old=0&new=3", 404), ("old=3&new=2", 404), ("old=1&new=4", 404), ("old=-1&new=3", 422)],
)
def test_a_size_that_the_log_never_had_is_no_proof(
    engine: Engine, auditor: httpx.Client, query: str, status: int
) -> None:
    add_entries(engine, 3)
    assert auditor.get(f"/api/v1/ledger/consistency?{query}").status_code == status


def test_an_alert_about_the_log_is_seen_and_taken_by_who_sees_everything_alone(
    engine: Engine, place: SecondPlace, as_role: Callable[..., httpx.Client], api: RunningApi
) -> None:
    add_entries(engine, 5)
    notary = Notary(engine, place, PLAN)
    notary.work(api.clock())
    cut_off(engine, 3)
    notary.work(api.clock())
    assert notary.findings
    with transaction(engine) as session:
        put(session, Party(id="courier", name="Courier", kind="courier"))
    assert as_role(Role.COURIER, party_id="courier").get("/api/v1/alerts").json() == []
    qa = as_role(Role.QA)
    (alert,) = qa.get("/api/v1/alerts").json()
    assert (alert["kind"], alert["severity"], alert["shipment"]) == ("ledger", "critical", "")
    assert "old backup" in alert["detail"]
    taken = qa.post(
        f"/api/v1/alerts/{alert['id']}/acknowledgement", json={"reason": "looking", "comment": ""}
    )
    assert taken.json()["state"] == "acknowledged"
