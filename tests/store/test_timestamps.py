"""Timestamps by a real authority, made with openssl: of the note, one a day, checked by others."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from custody.notary import Notary, Plan
from custody.second_place import SecondPlace
from custody.timestamps import Stamper, request_timestamp
from schemas.errors import LedgerCorrupt
from store.checkpoints import find_last_checkpoint, list_checkpoints, list_timestamps
from store.database import transaction
from tests.support.bare_log import add_entries
from tests.support.custody_case import NOW
from tests.support.timestamp_authority import Authority, openssl, timestamp_authority

pytestmark = [
    pytest.mark.store,
    pytest.mark.skipif(openssl() is None, reason="openssl is not installed"),
]

PLAN = Plan(every=timedelta(seconds=10), entries=1)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    with timestamp_authority(tmp_path / "authority") as served:
        yield served


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture
def place(tmp_path: Path) -> Iterator[SecondPlace]:
    place = SecondPlace(tmp_path / "notary")
    with place.claimed():
        yield place


def stamped_sizes(engine: Engine) -> list[int]:
    with transaction(engine) as session:
        sizes = [row.size for row in list_checkpoints(session)]
        return [size for size in sizes if list_timestamps(session, size)]


def test_a_checkpoint_a_day_is_stamped_and_openssl_agrees(
    engine: Engine, place: SecondPlace, authority: Authority, client: httpx.Client, tmp_path: Path
) -> None:
    notary = Notary(engine, place, PLAN, stamper=Stamper(authority.url, client))
    for hours in (0, 1, 23, 25, 30, 50):
        add_entries(engine, 1)
        notary.work(NOW + timedelta(hours=hours))
    assert notary.findings == ()
    assert stamped_sizes(engine) == [1, 4, 6]
    with transaction(engine) as session:
        row = find_last_checkpoint(session)
        assert row is not None
        (stamp,) = list_timestamps(session, row.size)
    (tmp_path / "note").write_bytes(row.note)
    (tmp_path / "response.tsr").write_bytes(stamp.response)
    checked = subprocess.run(
        ["openssl", "ts", "-verify", "-data", tmp_path / "note", "-in", tmp_path / "response.tsr",
         "-CAfile", authority.certificate],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in checked.stdout + checked.stderr


def test_a_restart_does_not_stamp_a_second_time(
    engine: Engine, place: SecondPlace, authority: Authority, client: httpx.Client
) -> None:
    for hours in (0, 1):
        add_entries(engine, 1)
        stamper = Stamper(authority.url, client)
        Notary(engine, place, PLAN, stamper=stamper).work(NOW + timedelta(hours=hours))
    assert len(authority.answers) == 1


def test_an_empty_log_is_not_stamped(
    engine: Engine, authority: Authority, client: httpx.Client
) -> None:
    assert Stamper(authority.url, client).stamp(engine, NOW) is None
    assert authority.answers == []


def test_an_authority_that_answers_something_else_is_not_believed(
    engine: Engine, place: SecondPlace, authority: Authority, client: httpx.Client
) -> None:
    other = request_timestamp(client, authority.url, b"something else")

    def replay(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=other)

    def garbage(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"garbage")

    for answer in (replay, garbage):
        with httpx.Client(transport=httpx.MockTransport(answer)) as lying:
            with pytest.raises(LedgerCorrupt, match="timestamp authority"):
                request_timestamp(lying, authority.url, b"ours")
            add_entries(engine, 1)
            notary = Notary(engine, place, PLAN, stamper=Stamper(authority.url, lying))
            notary.work(NOW)
            assert len(notary.findings) == 1
    assert stamped_sizes(engine) == []


def test_an_authority_that_is_away_stops_no_signing_and_is_asked_again(
    engine: Engine, place: SecondPlace, authority: Authority, client: httpx.Client
) -> None:
    seen: list[httpx.Request] = []

    def away_at_first(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) == 1:
            raise httpx.ConnectError("away")
        return client.post(str(request.url), content=request.content)

    with httpx.Client(transport=httpx.MockTransport(away_at_first)) as cut:
        notary = Notary(engine, place, PLAN, stamper=Stamper(authority.url, cut))
        for minutes in range(15):
            add_entries(engine, 1)
            notary.work(NOW + timedelta(minutes=minutes))
    assert len(seen) == 2
    assert stamped_sizes(engine) == [11]
    assert notary.findings == ()
