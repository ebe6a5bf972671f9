"""The notary process: one step after another until told to stop."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx

from custody.key_file import load_or_make_key
from custody.log_policy import read_policy
from custody.notary import Notary, Plan
from custody.sealing import sealer
from custody.second_place import SecondPlace, seal_key_path, second_place_dir
from custody.timestamps import Stamper
from custody.witnessing import Witnesses
from schemas.settings import Settings
from store.database import Engine, open_engine

logger = logging.getLogger(__name__)

_LONGEST_WAIT_S = 1.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Sign checkpoints, have them witnessed and timestamped, until told to stop.

    Args:
        settings: `database_url` must be set.
        stop: Ends the process after the step it is in.

    Raises:
        ConfigurationError: The witness policy cannot be read, or another notary works here.
    """
    engine = open_engine(settings.database_url or "")
    place = SecondPlace(second_place_dir(settings))
    wait_s = min(settings.checkpoint_every_s / 2, _LONGEST_WAIT_S)
    try:
        with place.claimed(), _notary(engine, place, settings) as notary:
            logger.info("the notary works")
            while not stop.is_set():
                notary.work(datetime.now(UTC))
                stop.wait(wait_s)
    finally:
        engine.dispose()


@contextmanager
def _notary(engine: Engine, place: SecondPlace, settings: Settings) -> Iterator[Notary]:
    policy = read_policy(settings.witness_policy)
    plan = Plan(
        every=timedelta(seconds=settings.checkpoint_every_s), entries=settings.checkpoint_entries
    )
    with httpx.Client() as client:
        yield Notary(
            engine,
            place,
            plan,
            witnesses=Witnesses(policy, client),
            stamper=Stamper(settings.timestamp_url, client) if settings.timestamp_url else None,
            seal=sealer(engine, load_or_make_key(seal_key_path(settings))),
        )
