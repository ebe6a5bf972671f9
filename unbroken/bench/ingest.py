"""Durable readings a second, end to end through a real Mosquitto, beside ceiling and plain way."""

import json as json_text
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

from simulator.journal import read_journal
from store.database import Engine, driver, transaction
from unbroken.bench.stack import SERIALS, Stack, stack, until

_WAIT_S = 300.0
_PLAIN_MESSAGES = 3_000


def run(
    *,
    json: bool = False,
    shipments: int = 10_000,
    many: int = 12_000,
    single: int = 200_000,
) -> dict[str, object]:
    """Measure, print and return the numbers.

    Publisher, broker, ingest and database share this machine. A message counts when the readings
    in it are committed, judged against the shipment's limits, and counted in the same transaction.

    Args:
        json: Print one JSON object instead of words.
        shipments: Loggers that publish, each on a shipment of its own.
        many: Messages of 60 readings.
        single: Messages of one reading.

    Raises:
        AssertionError: A reading was lost or stored twice.
    """
    with stack(shipments) as running:
        sixty = _throughput(running, shipments=shipments, messages=many, readings=60)
        ceiling = _ceiling(running.engine)
        plain = _plain(running.engine)
    with stack(shipments) as running:
        one = _throughput(running, shipments=shipments, messages=single, readings=1)
    with stack(shipments) as running:
        latency = _alert_latency(running, shipments=shipments, rate=one["messages_per_s"] / 2)
    numbers: dict[str, object] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}",
        "sixty_readings_per_s": round(sixty["readings_per_s"]),
        "ceiling_readings_per_s": round(ceiling),
        "share_of_ceiling_pct": round(100 * sixty["readings_per_s"] / ceiling, 1),
        "single_messages_per_s": round(one["messages_per_s"]),
        "plain_messages_per_s": round(plain),
        "times_plain": round(one["messages_per_s"] / plain, 1),
        "alert_latency_load_messages_per_s": round(one["messages_per_s"] / 2),
        **latency,
    }
    print(json_text.dumps(numbers) if json else _words(numbers))
    return numbers


def _words(numbers: dict[str, object]) -> str:
    return (
        f"60 readings a message: {numbers['sixty_readings_per_s']:,} readings/s durable and "
        f"judged, {numbers['share_of_ceiling_pct']} % of the ceiling "
        f"({numbers['ceiling_readings_per_s']:,}/s: binary COPY of the same rows into the same "
        "table).\n"
        f"1 reading a message: {numbers['single_messages_per_s']:,} messages/s, "
        f"{numbers['times_plain']} times the plain way ({numbers['plain_messages_per_s']:,}/s: "
        "one INSERT and commit per message, without broker and detection).\n"
        f"Alert latency at {numbers['alert_latency_load_messages_per_s']:,} messages/s: p50 "
        f"{numbers['alert_p50_ms']} ms, p99 {numbers['alert_p99_ms']} ms over "
        f"{numbers['alerts']} alerts.\n{numbers['machine']}"
    )


def _load(broker_url: str, *options: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "simulator.load", "--mqtt-url", broker_url, *map(str, options)],
        stdout=subprocess.PIPE,
        text=True,
    )


def _stored(engine: Engine) -> int:
    with transaction(engine) as session:
        found = session.connection().execute(
            text("SELECT coalesce(sum(readings), 0) FROM ingest_count")
        )
        return int(found.scalar_one())


def _throughput(
    running: Stack, *, shipments: int, messages: int, readings: int
) -> dict[str, float]:
    load = _load(
        running.broker.url, "--loggers", shipments, "--messages", messages, "--readings", readings,
        "--serials", SERIALS, "--interval", 10, "--start", running.start.isoformat(),
    )  # fmt: skip
    wanted = messages * readings
    assert until(lambda: _stored(running.engine) > 0, wait_s=_WAIT_S), "nothing was stored"
    first, began = _stored(running.engine), perf_counter()
    assert until(lambda: _stored(running.engine) >= wanted, wait_s=_WAIT_S), (
        f"{wanted - _stored(running.engine)} of {wanted} readings are not stored"
    )
    seconds = perf_counter() - began
    load.communicate()
    with transaction(running.engine) as session:
        rows = session.connection().execute(text("SELECT count(*) FROM reading")).scalar_one()
    assert rows == wanted, f"{rows} rows for {wanted} readings"
    rate = (wanted - first) / seconds
    return {"readings_per_s": rate, "messages_per_s": rate / readings}


def _ceiling(engine: Engine) -> float:
    """Return rows a second of one binary COPY of the stored rows into the emptied table."""
    with transaction(engine) as session:
        connection = driver(session)
        with connection.cursor() as cursor:
            with cursor.copy("COPY (SELECT * FROM reading) TO STDOUT (FORMAT binary)") as copy:
                data = [bytes(piece) for piece in copy]
            cursor.execute("TRUNCATE reading")
    joined = b"".join(data)
    pieces = [joined[at : at + (1 << 20)] for at in range(0, len(joined), 1 << 20)]
    began = perf_counter()
    with transaction(engine) as session, driver(session).cursor() as cursor:
        with cursor.copy("COPY reading FROM STDIN (FORMAT binary)") as copy:
            for piece in pieces:
                copy.write(piece)
        rows = cursor.rowcount
    return rows / (perf_counter() - began)


def _plain(engine: Engine) -> float:
    """Return messages a second of one INSERT and one commit per message."""
    with transaction(engine) as session:
        driver(session).execute("TRUNCATE reading")
    with engine.connect() as held:
        connection = held.connection.driver_connection
        assert connection is not None
        began = perf_counter()
        for number in range(_PLAIN_MESSAGES):
            connection.execute(
                "INSERT INTO reading (logger_id, measured_at, received_at, seq, temp_c, ambient_c, "
                "lat, lon) VALUES (%s, now() - make_interval(secs => %s), now(), %s, -170.5, 20.5, "
                "39.1, -84.5)",
                (1, number, number),
            )
            connection.commit()
        return _PLAIN_MESSAGES / (perf_counter() - began)


def _alert_latency(running: Stack, *, shipments: int, rate: float) -> dict[str, object]:
    """Return how long after the broker took a too warm message its alert is visible to readers."""
    probes, cold = 100, shipments - 100
    background = _load(
        running.broker.url, "--loggers", cold, "--messages", int(rate * 20), "--rate", rate,
        "--serials", SERIALS, "--interval", 10, "--lazy", "--start", running.start.isoformat(),
    )  # fmt: skip
    assert until(lambda: _stored(running.engine) > rate, wait_s=_WAIT_S), "no load"
    with tempfile.TemporaryDirectory() as place:
        journal = Path(place) / "journal"
        _rename_probes(running.engine, cold)
        probe = _load(
            running.broker.url, "--loggers", probes, "--messages", probes, "--readings", 60,
            "--rate", 8, "--serials", "PR-{:05d}", "--warm-share", 1, "--journal", journal,
            "--client-id", "probe", "--start", running.start.isoformat(),
        )  # fmt: skip
        visible = _watch_alerts(running.engine, probes)
        probe.communicate()
        background.communicate()
        sent = {line.serial: line.at_us for line in read_journal(journal)}
    latencies = sorted((visible[serial] - at) / 1000 for serial, at in sent.items())
    return {
        "alerts": len(latencies),
        "alert_p50_ms": round(latencies[len(latencies) // 2]),
        "alert_p99_ms": round(latencies[int(len(latencies) * 0.99)]),
        "alert_max_ms": round(latencies[-1]),
    }


def _rename_probes(engine: Engine, cold: int) -> None:
    with transaction(engine) as session:
        session.connection().execute(
            text(
                "UPDATE logger SET serial = 'PR-' || lpad((substr(serial, 4)::int - :cold)::text, "
                "5, '0') WHERE substr(serial, 4)::int >= :cold"
            ),
            {"cold": cold},
        )


def _watch_alerts(engine: Engine, wanted: int) -> dict[str, int]:
    """Return when the alert of each logger was first visible to another connection, µs."""
    visible: dict[str, int] = {}

    def look() -> bool:
        with transaction(engine) as session:
            rows = session.connection().execute(
                text(
                    "SELECT l.serial, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint "
                    "FROM alert a JOIN assignment s ON s.shipment_id = a.shipment_id "
                    "JOIN logger l ON l.id = s.logger_id WHERE a.kind = 'limit'"
                )
            )
            for serial, at in rows:
                visible.setdefault(serial, at)
        return len(visible) >= wanted

    assert until(look, wait_s=_WAIT_S, every_s=0.01), f"{len(visible)} of {wanted} alerts opened"
    return visible
