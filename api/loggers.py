"""Data loggers."""

from fastapi import Response

from api.admission import guarded_router
from api.dependencies import SessionDep
from api.models.nouns import LoggerBody, LoggerView
from api.models.wire import Serial, answer_put
from store.nouns import Logger, get_logger, list_rows, put

router = guarded_router("loggers")


@router.get("/loggers")
def list_loggers(session: SessionDep) -> list[LoggerView]:
    """Return all loggers, by serial."""
    return [LoggerView.model_validate(row) for row in list_rows(session, Logger)]


@router.get("/loggers/{serial}")
def get_one_logger(serial: Serial, session: SessionDep) -> LoggerView:
    """Return one logger."""
    return LoggerView.model_validate(get_logger(session, serial))


@router.put("/loggers/{serial}", status_code=201)
def put_logger(
    serial: Serial, body: LoggerBody, session: SessionDep, response: Response
) -> LoggerView:
    """Store or renew a logger; it is renewed when it is calibrated again."""
    row = Logger(serial=serial, **body.model_dump())
    answer_put(put(session, row), response)
    return LoggerView.model_validate(row)
