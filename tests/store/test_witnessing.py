"""Witnesses of a stored log: each asked by itself, remembered, believed over ourselves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from custody.notary import Notary, Plan
from custody.note import VerifierKey, parse_note
from custody.policy import Policy
from custody.second_place import HISTORY, LAST, SecondPlace
from custody.witnessing import Witnessed, Witnesses, witnessed
from store.checkpoints import cosigned_note, find_checkpoint, list_cosignatures
from store.database import transaction
from tests.support.bare_log import add_entries, as_superuser, cut_off
from tests.support.custody_case import NOW
from tests.support.witnesses import k_of, log_key, witness, witnesses

pytestmark = pytest.mark.store

NAMES = ("maker.example/w", "courier.example/w", "clinic.example/w")
PLAN = Plan(every=timedelta(seconds=10), entries=1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[SecondPlace]:
    place = SecondPlace(tmp_path / "notary")
    with place.claimed():
        yield place


@pytest.fixture
def log(engine: Engine, place: SecondPlace) -> VerifierKey:
    return log_key(engine, place)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def standing(engine: Engine, policy: Policy) -> Witnessed:
    with transaction(engine) as session:
        return witnessed(session, policy)


def sizes(found: Witnessed) -> list[int | None]:
    return [each.size for each in found.witnesses]


def test_a_checkpoint_is_witnessed_once_enough_have_cosigned(
    engine: Engine, place: SecondPlace, log: VerifierKey, client: httpx.Client, tmp_path: Path
) -> None:
    with witnesses(tmp_path, NAMES, log) as known:
        policy = k_of(2, known)
        notary = Notary(engine, place, PLAN, witnesses=Witnesses(policy, client))
        assert standing(engine, policy).size == 0
        for size in (3, 7, 8):
            add_entries(engine, size - (standing(engine, policy).size))
            notary.work(later(size))
            found = standing(engine, policy)
            assert (found.size, found.k, found.n) == (size, 2, 3)
            assert sizes(found) == [size] * 3
        assert found.at is not None
        with transaction(engine) as session:
            row = find_checkpoint(session, 8)
            assert row is not None
            note = parse_note(cosigned_note(row, list_cosignatures(session, 8)))
        assert policy.met_by(policy.cosigners(note))
        assert set(policy.cosigners(note)) == set(NAMES)


def test_a_witness_that_is_away_stops_nobody_and_catches_up(
    engine: Engine,
    place: SecondPlace,
    log: VerifierKey,
    client: httpx.Client,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with witnesses(tmp_path, NAMES[:1], log) as first:
        with witnesses(tmp_path, NAMES[1:], log) as others:
            policy = k_of(2, first | others)
            asked = Witnesses(policy, client)
            notary = Notary(engine, place, PLAN, witnesses=asked)
            add_entries(engine, 3)
            notary.work(NOW)
        for seconds in range(1, 9):
            add_entries(engine, 1)
            notary.work(later(seconds))
        found = standing(engine, policy)
        assert (found.size, sizes(found)) == (3, [11, 3, 3])
        assert notary.findings == ()
        assert all(asked.failures[name] >= 2 for name in NAMES[1:])
        assert caplog.text.count("a witness does not cosign") == 2
        with witness(tmp_path, NAMES[1], log) as back:
            again = k_of(2, first | {NAMES[1]: back} | {NAMES[2]: others[NAMES[2]]})
            Notary(engine, place, PLAN, witnesses=Witnesses(again, client)).work(later(9))
        assert standing(engine, policy).size == 11


def test_a_witness_that_is_back_is_asked_again_after_a_pause_and_said_once(
    engine: Engine,
    place: SecondPlace,
    log: VerifierKey,
    client: httpx.Client,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    with witness(tmp_path, NAMES[0], log) as known:
        policy = k_of(1, {NAMES[0]: known})
        answers: list[str] = []

        def send(request: httpx.Request) -> httpx.Response:
            answers.append(request.url.path)
            if len(answers) < 4:
                raise httpx.ConnectError("away")
            return client.send(
                client.build_request("POST", str(request.url), content=request.content)
            )

        with httpx.Client(transport=httpx.MockTransport(send)) as cut:
            notary = Notary(engine, place, PLAN, witnesses=Witnesses(policy, cut))
            add_entries(engine, 1)
            for seconds in range(40):
                notary.work(later(seconds))
    assert len(answers) == 4
    assert standing(engine, policy).size == 1
    assert caplog.text.count("a witness does not cosign") == 1
    assert caplog.text.count("a witness is back") == 1


def test_a_log_rewritten_with_its_own_key_and_second_place_is_shown_by_a_witness(
    engine: Engine, place: SecondPlace, log: VerifierKey, client: httpx.Client, tmp_path: Path
) -> None:
    with witnesses(tmp_path, NAMES, log) as known:
        policy = k_of(2, known)
        add_entries(engine, 9)
        Notary(engine, place, PLAN, witnesses=Witnesses(policy, client)).work(NOW)
        cut_off(engine, 5)
        as_superuser(engine, "DELETE FROM ledger_checkpoint", "DELETE FROM ledger_cosignature")
        for name in (LAST, HISTORY):
            (place.directory / name).unlink()
        add_entries(engine, 6, salt="rewritten")
        notary = Notary(engine, place, PLAN, witnesses=Witnesses(policy, client))
        notary.work(later(60))
    assert "knows another log" in notary.findings[0]
    assert standing(engine, policy).size == 0
    assert _alerts(engine) == [("notary_witnesses", "critical")]


def test_a_log_cut_off_with_its_own_key_and_second_place_is_shown_by_a_witness(
    engine: Engine, place: SecondPlace, log: VerifierKey, client: httpx.Client, tmp_path: Path
) -> None:
    with witnesses(tmp_path, NAMES, log) as known:
        policy = k_of(2, known)
        add_entries(engine, 9)
        Notary(engine, place, PLAN, witnesses=Witnesses(policy, client)).work(NOW)
        cut_off(engine, 5)
        as_superuser(engine, "DELETE FROM ledger_checkpoint", "DELETE FROM ledger_cosignature")
        for name in (LAST, HISTORY):
            (place.directory / name).unlink()
        notary = Notary(engine, place, PLAN, witnesses=Witnesses(policy, client))
        notary.work(later(60))
    assert "knows another log" in notary.findings[0]
    assert _alerts(engine) == [("notary_witnesses", "critical")]


def _alerts(engine: Engine) -> list[tuple[str, str]]:
    with transaction(engine) as session:
        rows = session.connection().execute(text("SELECT rule_id, severity FROM alert"))
        return [tuple(row) for row in rows]
