"""The witness over HTTP, and its client: statuses, bodies, and witnesses that misbehave."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from custody.cosignature import cosign
from custody.key_file import SigningKeyPair
from custody.note import parse_note
from custody.witness import Witness, parse_request, trusted_logs
from custody.witness_book import BOOK, WitnessBook, answer_submission
from custody.witness_client import (
    WitnessAddress,
    WitnessAnswer,
    WitnessOutcome,
    submit_checkpoint,
)
from tests.strategies_notes import NOW, WITNESS_KEY, WITNESS_PAIR
from tests.support.trickle import trickling
from tests.support.witness_server import served_witness
from tests.support.witnessed_log import WitnessedLog

LOG = WitnessedLog()
WITNESS = Witness(name=WITNESS_KEY.name, pair=WITNESS_PAIR, logs=trusted_logs([LOG.key.to_text()]))
Behaviour = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[WitnessBook]:
    opened = WitnessBook(tmp_path / BOOK)
    yield opened
    opened.close()


@pytest.fixture
def client(book: WitnessBook) -> Iterator[httpx.Client]:
    with (
        served_witness(WITNESS, book, clock=lambda: NOW) as url,
        httpx.Client(base_url=url, timeout=10) as opened,
    ):
        yield opened


def submit(client: httpx.Client, log: WitnessedLog, size: int, *, old: int = 0) -> WitnessAnswer:
    return submit_checkpoint(
        client,
        WitnessAddress(url=str(client.base_url), key=WITNESS.key),
        log.note(size),
        old_size=old,
        proof_from=lambda old: log.proof(old, size),
        deadline_s=5,
    )


def asking(behaviour: Behaviour) -> WitnessAnswer:
    with httpx.Client(
        base_url="http://witness.test", transport=httpx.MockTransport(behaviour)
    ) as client:
        return submit(client, LOG, 9, old=4)


def test_the_statuses_are_those_of_the_specification(client: httpx.Client) -> None:
    def post(body: bytes) -> httpx.Response:
        return client.post("/add-checkpoint", content=body)

    good = post(LOG.request(0, 5))
    assert (good.status_code, good.text[0], good.text[-1]) == (200, "—", "\n")
    assert good.text.count("\n") == 1
    conflict = post(LOG.request(0, 7))
    assert (conflict.status_code, conflict.text) == (409, "5\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
    fork = LOG.forked(3)
    assert post(fork.request(5, 5)).status_code == 409
    assert post(fork.request(5, 9)).status_code == 422
    assert post(b"nonsense").status_code == 400
    assert post(WitnessedLog(origin="unbroken/else").request(0, 5)).status_code == 404
    thief = WitnessedLog(pair=SigningKeyPair(bytes(32)))
    assert post(thief.request(5, 6)).status_code == 403
    assert post(b"x" * (1 << 20) + b"x").status_code == 413
    assert client.get("/add-checkpoint").status_code == 405
    assert post(LOG.request(5, 7)).status_code == 200


def test_the_front_page_says_who_and_what_was_cosigned(client: httpx.Client) -> None:
    assert f"{LOG.origin}: nothing yet\n" in client.get("/").text
    submit(client, LOG, 5)
    submit(client, LOG.forked(2), 6, old=5)

    text = client.get("/").text
    assert WITNESS.key.to_text() in text
    assert f"{LOG.origin}: size 5, {NOW.isoformat()}\n" in text
    assert "Contradictions kept: 1\n" in text


def test_a_book_that_cannot_be_written_is_a_503(client: httpx.Client, book: WitnessBook) -> None:
    book.close()

    assert client.post("/add-checkpoint", content=LOG.request(0, 5)).status_code == 503


@pytest.mark.parametrize("believed", [0, 3, 4, 7, 9])
def test_a_client_that_believes_another_size_is_put_right(
    client: httpx.Client, believed: int
) -> None:
    assert submit(client, LOG, 4).outcome is WitnessOutcome.COSIGNED

    answer = submit(client, LOG, 9, old=believed)

    assert (answer.outcome, answer.size) == (WitnessOutcome.COSIGNED, 9)
    assert parse_note(LOG.note(9) + answer.lines[0].encode()).signatures[1].name == WITNESS.name


def test_asking_for_the_same_checkpoint_again_is_cosigned_again(client: httpx.Client) -> None:
    submit(client, LOG, 9)

    assert submit(client, LOG, 9).outcome is WitnessOutcome.COSIGNED
    assert submit(client, LOG, 9, old=9).outcome is WitnessOutcome.COSIGNED


def test_a_log_put_back_is_told_that_the_witness_is_ahead(client: httpx.Client) -> None:
    submit(client, LOG, 9)

    for believed in (0, 3, 5):
        answer = submit(client, LOG, 5, old=believed)
        assert (answer.outcome, answer.size) == (WitnessOutcome.AHEAD, 9)


def test_a_log_put_back_and_grown_otherwise_is_told_that_it_contradicts(
    client: httpx.Client,
) -> None:
    submit(client, LOG, 9)
    restored = LOG.forked(5)

    assert submit(client, restored, 7).outcome is WitnessOutcome.AHEAD
    assert submit(client, restored, 9).outcome is WitnessOutcome.CONTRADICTED
    assert submit(client, restored, 12).outcome is WitnessOutcome.CONTRADICTED
    assert submit(client, LOG, 12).outcome is WitnessOutcome.COSIGNED


def test_a_witness_that_does_not_know_the_log_refuses(client: httpx.Client) -> None:
    answer = submit(client, WitnessedLog(origin="unbroken/else"), 5)

    assert answer.outcome is WitnessOutcome.REFUSED
    assert "404" in answer.detail


def test_lines_that_are_not_this_witnesss_cosignature_are_ignored_and_counted() -> None:
    stranger = SigningKeyPair(bytes(32))
    body = parse_note(LOG.note(9)).text
    good = cosign(body, WITNESS.name, WITNESS_PAIR, NOW)
    again = cosign(body, WITNESS.name, WITNESS_PAIR, NOW + timedelta(seconds=1))
    other_body = parse_note(LOG.note(8)).text
    lines = [
        good,
        cosign(body, WITNESS.name, stranger, NOW),
        cosign(body, "other", WITNESS_PAIR, NOW),
        cosign(other_body, WITNESS.name, WITNESS_PAIR, NOW),
        "nonsense\n",
        LOG.note(9).decode().rpartition("\n\n")[2],
        again,
    ]

    answer = asking(lambda _: httpx.Response(200, text="".join(lines)))

    assert (answer.outcome, answer.lines, answer.ignored) == (
        WitnessOutcome.COSIGNED,
        (good, again),
        5,
    )


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", WitnessOutcome.REFUSED),
        (200, b"\xff\xfe", WitnessOutcome.REFUSED),
        (200, b"nonsense\n", WitnessOutcome.REFUSED),
        (200, b"x" * 100_000, WitnessOutcome.UNREACHABLE),
        (302, b"", WitnessOutcome.REFUSED),
        (409, b"", WitnessOutcome.REFUSED),
        (409, b"-1\n", WitnessOutcome.REFUSED),
        (409, b"four\n", WitnessOutcome.REFUSED),
        (409, b"4\n", WitnessOutcome.REFUSED),
        (409, b"6\n", WitnessOutcome.REFUSED),
        (409, b"9\n", WitnessOutcome.CONTRADICTED),
        (409, b"10\n", WitnessOutcome.AHEAD),
        (422, b"", WitnessOutcome.CONTRADICTED),
        (500, b"\xff", WitnessOutcome.REFUSED),
        (503, b"", WitnessOutcome.REFUSED),
    ],
)
def test_whatever_a_witness_answers_is_an_outcome(
    status: int, body: bytes, outcome: WitnessOutcome
) -> None:
    answer = asking(lambda _: httpx.Response(status, content=body, headers={"Location": "/"}))

    assert answer.outcome is outcome
    assert answer.lines == ()


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
def test_a_witness_out_of_reach_is_an_outcome(error: type[httpx.TransportError]) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        message = "gone"
        raise error(message)

    assert asking(fail).outcome is WitnessOutcome.UNREACHABLE


def test_a_witness_is_asked_at_most_twice() -> None:
    asked: list[int] = []

    def shifty(request: httpx.Request) -> httpx.Response:
        asked.append(parse_request(request.content).old_size)
        return httpx.Response(409, text=f"{asked[-1] + 1}\n")

    assert asking(shifty).outcome is WitnessOutcome.REFUSED
    assert asked == [4, 5]


def test_the_answer_of_the_book_is_what_the_client_takes(book: WitnessBook) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        answer = answer_submission(book, WITNESS, request.content, NOW)
        return httpx.Response(answer.status, text=answer.body)

    assert asking(serve).outcome is WitnessOutcome.COSIGNED


def test_a_packed_answer_is_not_unpacked() -> None:
    def pack(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, stream=httpx.ByteStream(b""), headers={"Content-Encoding": "gzip"}
        )

    assert asking(pack).outcome is WitnessOutcome.UNREACHABLE


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_witness_that_trickles_is_given_up_at_the_deadline(start: bytes) -> None:
    with trickling(start) as url, httpx.Client() as client:
        answer = submit_checkpoint(
            client,
            WitnessAddress(url=url, key=WITNESS.key),
            LOG.note(9),
            old_size=0,
            proof_from=lambda _: (),
            deadline_s=0.5,
        )

    assert answer.outcome is WitnessOutcome.UNREACHABLE
