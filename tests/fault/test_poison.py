"""Malformed messages among good ones: each ends in quarantine, none holds up the others."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cbor2
import pytest
from sqlalchemy import text

from simulator.broker import Broker
from simulator.load_plan import LoadPlan, Round, rounds
from simulator.raw_mqtt import Message, RawPublisher
from store.database import Engine, transaction
from tests.support.ingest_process import count, ingest_process
from tests.support.journal_check import Key, check_stored_once
from tests.support.load_process import INTERVAL_S, make_load_fleet
from tests.support.oracle import check_judgement
from tests.support.processes import wait_until
from unbroken.mosquitto import Mosquitto

pytestmark = [pytest.mark.fault, pytest.mark.broker]

LOGGERS, READINGS, MESSAGES = 8, 4, 800
TOPIC = "unbroken/v1/LD-00000/readings"
NOW_S = int(datetime.now(UTC).timestamp())


def pack(**fields: object) -> bytes:
    record = {"bn": "LD-00000/", "bt": NOW_S, "n": "temp", "u": "Cel", "v": -170.5}
    return json.dumps([record | fields]).encode()


def in_cbor(**fields: object) -> bytes:
    labels = {"bn": -2, "bt": -3, "n": 0, "u": 1, "v": 2, "t": 6}
    record = {"bn": "LD-00000/", "bt": NOW_S, "n": "temp", "u": "Cel", "v": -170.5} | fields
    return cbor2.dumps([{labels[name]: value for name, value in record.items()}])


BAD_PAYLOADS = {
    "empty array": b"[]",
    "one byte": b"\x00",
    "a sentence": b"temperature is fine",
    "truncated JSON": pack()[:-9],
    "trailing bytes": pack() + b"]",
    "byte order mark": b"\xef\xbb\xbf" + pack(),
    "UTF-16": pack().decode().encode("utf-16"),
    "invalid UTF-8": pack().replace(b"Cel", b"C\xff\xfe"),
    "lone surrogate": pack().replace(b"Cel", b"\\udc00"),
    "NUL in a unit": pack().replace(b"Cel", b"\\u0000"),
    "an object": b'{"n":"temp","u":"Cel","v":1}',
    "nested 100,000 deep": b"[" * 100_000,
    "a key of a megabyte": b'[{"' + b"k" * 1_000_000 + b'":1}]',
    "number as a string": pack(v="-170.5"),
    "NaN": pack(v=float("nan")),
    "infinity": pack(v=float("inf")),
    "1e400": pack().replace(b"-170.5", b"1e400"),
    "400 digits": pack().replace(b"-170.5", b"7" * 400),
    "overflow in a conversion": pack(n="tilt", u="rad", v=1e308),
    "no value": pack(v=None),
    "wrong unit": pack(u="degF"),
    "no unit": pack(u=None),
    "negative sequence number": pack(n="seq", u=None, v=-1),
    "sequence number 2^63": pack(n="seq", u=None, v=2**63),
    "year 9999": pack(bt=253_402_300_799),
    "year 1": pack(bt=-62_135_596_800),
    "milliseconds": pack(bt=NOW_S * 1_000),
    "time 1e300": pack(bt=1e300),
    "another logger's name": pack(bn="LD-00001/"),
    "unknown logger": pack(bn="nobody/"),
    "contradicts itself": pack()[:-1] + b',{"n":"temp","u":"Cel","v":4}]',
    "unknown names only": pack(n="gravity"),
    "CBOR cut short": in_cbor()[:-2],
    "CBOR with bytes behind": in_cbor() + b"\x00",
    "CBOR array of 2^60": b"\x9b\x0f" + b"\xff" * 7,
    "CBOR map of 2^60": b"\x81\xbb\x0f" + b"\xff" * 7,
    "CBOR text of 2^60": b"\x81\x7b\x0f" + b"\xff" * 7,
    "CBOR nested": b"\x81" * 100_000,
    "CBOR in a circle": b"\x81\xd8\x1c\xa1\x02\xd8\x1d\x00",
    "CBOR NaN": in_cbor(v=float("nan")),
    "CBOR bignum": in_cbor(v=10**500),
    "CBOR time NaN": in_cbor(t=float("nan")),
}
BAD_TOPICS = {
    "unbroken/v1//readings": pack(),
    "unbroken/v1/LD-9\u00a0\u202e\U0001f9ca/readings": pack(bn=None),
    "unbroken/v1/" + "x" * 5_000 + "/readings": pack(bn=None),
    "unbroken/v1/%s'; DROP TABLE reading; --/readings": pack(bn=None),
}
DEAF_TOPICS = ["unbroken/v1/LD-00000/status", "unbroken/v2/LD-00000/readings", "readings",
               "unbroken/v1/readings", "unbroken/v1/a/b/readings"]  # fmt: skip


def poison() -> list[Message]:
    bad = [(TOPIC, payload) for payload in BAD_PAYLOADS.values()]
    return bad + list(BAD_TOPICS.items())


def mixed(good: list[Message], bad: list[Message]) -> Iterator[tuple[int, Message]]:
    """Yield one bad message after every ten good ones."""
    number = 0
    for place, message in enumerate(good):
        yield number, message
        number += 1
        if place % 10 == 0:
            yield number, bad[place // 10 % len(bad)]
            number += 1


def outcome(engine: Engine) -> tuple[set[tuple[str, bytes]], int]:
    """Return topic and payload of what is set aside, and how often ingest set something aside."""
    with transaction(engine) as session:
        run = session.connection().execute
        rows = run(text("SELECT topic, payload FROM quarantine")).all()
        times = run(text("SELECT sum(quarantined) FROM ingest_count")).scalar_one()
    return {(topic, bytes(payload)) for topic, payload in rows}, int(times or 0)


def keys_of(sent: list[Round]) -> set[Key]:
    return {
        Key(one.serial, seq, one.from_us + (seq - one.from_seq) * INTERVAL_S * 1_000_000)
        for one in sent
        for seq in range(one.from_seq, one.to_seq + 1)
    }


def keys_of_poison() -> set[Key]:
    """Return the sequence numbers that bad but readable packs carry; they are set aside."""
    return {Key("LD-00000", seq, NOW_S * 1_000_000) for seq in (-1, 2**63)}


def test_every_bad_message_is_set_aside_and_every_good_one_stored(
    engine: Engine, broker: Mosquitto, tmp_path: Path
) -> None:
    start_at = make_load_fleet(engine, LOGGERS, MESSAGES // LOGGERS * READINGS)
    plan = LoadPlan(loggers=LOGGERS, readings=READINGS, messages=MESSAGES, start_at=start_at,
                    interval_s=INTERVAL_S, duplicates=0.1, shuffle=30, warm_share=0.25)  # fmt: skip
    sent = list(rounds(plan))
    good = [(one.topic, one.payload) for one in sent]
    bad = poison()
    mixture = list(mixed(good, bad))
    sent_bad = {message for _, message in mixture} - set(good)
    assert sent_bad == set(bad)
    url = engine.url.render_as_string(hide_password=False)
    with ingest_process(database_url=url, mqtt_url=broker.url, log=tmp_path / "log") as ingest:
        ingest.start()
        assert wait_until(lambda: ingest.subscriptions() == 1, wait_s=20)
        publisher = RawPublisher(Broker.of_url(broker.url), "everybody")
        publisher.publish(iter(mixture), lambda _index, _packet_id: None, "")
        nobody_listens = [(n, (topic, pack())) for n, topic in enumerate(DEAF_TOPICS)]
        publisher.publish(iter(nobody_listens), lambda _index, _packet_id: None, "")
        publisher.close()
        wait_until(lambda: count(engine, "quarantine") >= len(bad), wait_s=30)
        check_stored_once(engine, keys_of(sent) | keys_of_poison())
        set_aside, times = outcome(engine)
        assert set_aside == sent_bad
        assert times == len(mixture) - len(good)
        assert ingest.process is not None
        assert ingest.process.poll() is None
        assert "Traceback" not in (tmp_path / "log").read_text()
    assert len(check_judgement(engine)) == LOGGERS // 4
