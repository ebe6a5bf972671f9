"""The long-running services, each in the process that calls it."""

import logging

from schemas.errors import ConfigurationError
from schemas.settings import Settings
from unbroken.data_dir import find_running
from unbroken.signals import told_to_stop


def serve_api(settings: Settings) -> None:
    """Serve the API and the dashboard in this process until SIGTERM or Ctrl-C.

    Raises:
        ConfigurationError: No database is set.
    """
    from api.app import create_app
    from api.server import open_server
    from store.database import open_engine

    settings = _with_database(settings)
    log_to_stderr(settings)
    engine = open_engine(settings.database_url or "")
    try:
        app = create_app(settings, engine)
        open_server(app, host=settings.http_host, port=settings.http_port).run()
    finally:
        engine.dispose()


def serve_ingest(settings: Settings) -> None:
    """Take readings in this process until SIGTERM or Ctrl-C.

    Raises:
        ConfigurationError: No database or no broker is set.
    """
    from ingest.run import run

    settings = _with_database(settings)
    if settings.mqtt_url is None:
        raise ConfigurationError(
            "Set UNBROKEN_MQTT_URL to your broker, or start `unbroken up`, which brings one."
        )
    log_to_stderr(settings)
    with told_to_stop() as stop:
        run(settings, stop)


def serve_notary(settings: Settings) -> None:
    """Sign checkpoints of the custody log in this process until SIGTERM or Ctrl-C.

    Raises:
        ConfigurationError: No database is set, or the second place or the policy is unfit.
    """
    from unbroken.notary_loop import run

    settings = _with_database(settings)
    log_to_stderr(settings)
    with told_to_stop() as stop:
        run(settings, stop)


def _with_database(settings: Settings) -> Settings:
    """Return settings with a database: the one set, or that of a running `up` or `demo`."""
    if settings.database_url is not None:
        return settings
    running = find_running(settings.data_dir)
    if running is None:
        raise ConfigurationError(
            "Set UNBROKEN_DATABASE_URL to your database, or start `unbroken up`, which brings one."
        )
    update = {"database_url": running.database_url}
    if settings.mqtt_url is None and running.mqtt_url is not None:
        update["mqtt_url"] = running.mqtt_url
    return settings.model_copy(update=update)


def log_to_stderr(settings: Settings) -> None:
    """Let this process log to standard error.

    Raises:
        ConfigurationError: There is no such level.
    """
    level = settings.log_level.upper()
    if level not in logging.getLevelNamesMapping():
        raise ConfigurationError(
            f"UNBROKEN_LOG_LEVEL={settings.log_level!r}: choose DEBUG, INFO, WARNING or ERROR."
        )
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every request
