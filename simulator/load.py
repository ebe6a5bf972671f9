"""Load: many loggers, as fast as the broker takes it or at a rate, in order or not.

`python -m simulator.load --help`; importable as `run_load`. Nothing is simulated here: values are
plain, instants regular, so that a checker can work out what must have been stored.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.load_plan import LoadPlan
from simulator.load_sender import LoadResult, LoadSettings, run_load
from simulator.logger import Encoding

__all__ = ["LoadPlan", "LoadResult", "LoadSettings", "main", "run_load"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a load from the command line; the last line of output is the result, as JSON."""
    given = _parser().parse_args(arguments)
    span = timedelta(
        seconds=given.interval * (-(-given.messages // given.loggers)) * given.readings
    )
    start_at = given.start or datetime.now(UTC) - span - timedelta(seconds=1)
    plan = LoadPlan(
        loggers=given.loggers,
        readings=given.readings,
        messages=given.messages,
        start_at=start_at,
        interval_s=given.interval,
        serial_format=given.serials,
        encoding=Encoding.CBOR if given.cbor else Encoding.JSON,
        duplicates=given.duplicates,
        shuffle=given.shuffle,
        late=given.late,
        warm_share=given.warm_share,
        seed=given.seed,
    )
    settings = LoadSettings(
        plan=plan,
        mqtt_url=given.mqtt_url,
        protocol=given.protocol,
        rate=given.rate,
        seconds=given.seconds,
        window=given.window,
        encode_first=not given.lazy,
        client_id=given.client_id,
        progress_every=given.progress_every,
        journal_path=given.journal,
    )
    print(json.dumps({"event": "started", "start_at": start_at.isoformat()}), flush=True)
    result = run_load(
        settings,
        on_progress=lambda count: print(
            json.dumps({"event": "acknowledged", "sendings": count}), flush=True
        ),
    )
    print(json.dumps({"event": "done", **asdict(result)}), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator.load", description=__doc__)
    add = parser.add_argument
    add("--mqtt-url", required=True, help="mqtt://[user:password@]host:port")
    add("--protocol", type=int, choices=(4, 5), default=4, help="4 is MQTT 3.1.1")
    add("--loggers", type=int, default=100)
    add("--readings", type=int, default=1, help="readings in a message")
    add("--messages", type=int, default=10_000, help="different messages in all")
    add("--seconds", type=float, help="end after so long even if messages are left")
    add("--rate", type=float, help="messages a second; as fast as possible without")
    add("--interval", type=int, default=60, help="seconds between readings of a logger")
    add("--start", type=datetime.fromisoformat, help="instant before the first readings")
    add("--serials", default="LD-{:05d}", help="format of the serials")
    add("--cbor", action="store_true", help="CBOR instead of JSON")
    add("--duplicates", type=float, default=0.0, help="share of messages sent twice")
    add("--shuffle", type=int, default=0, help="shuffle within windows of so many messages")
    add("--late", type=float, default=0.0, help="share of messages sent after all others")
    add("--warm-share", type=float, default=0.0, help="share of loggers that read too warm")
    add("--window", type=int, default=200, help="messages in flight")
    add("--lazy", action="store_true", help="encode while sending instead of before")
    add("--seed", type=int, default=1)
    add("--client-id", default="load")
    add("--progress-every", type=int, default=0, help="print a line each so many sendings")
    add("--journal", type=Path, help="file for what was acknowledged, JSON lines")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
