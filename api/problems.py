"""Every failure leaves as one shape (RFC 9457). Here is the only table from error to status."""

import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.attempts import TooManyAttempts
from api.headers import HEADERS
from custody.verify_opened import Unreadable
from schemas.errors import (
    ColdChainError,
    ConfigurationError,
    ConservationError,
    CustodyConflict,
    DecodeError,
    Duplicate,
    LedgerCorrupt,
    NotFound,
    NotSignedIn,
    Overloaded,
    ProfileError,
    ReadingError,
    Refused,
    ScanError,
    SignatureRefused,
    StoreUnavailable,
)
from store.plans import LoggerBusy

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

STATUS: Mapping[type[ColdChainError], HTTPStatus] = {
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    Refused: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    CustodyConflict: HTTPStatus.CONFLICT,
    Duplicate: HTTPStatus.CONFLICT,
    LoggerBusy: HTTPStatus.CONFLICT,
    DecodeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SignatureRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    ScanError: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ConservationError: HTTPStatus.INTERNAL_SERVER_ERROR,
    LedgerCorrupt: HTTPStatus.INTERNAL_SERVER_ERROR,
    Unreadable: HTTPStatus.INTERNAL_SERVER_ERROR,
    ProfileError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ReadingError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ConfigurationError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The one table. A test walks every subclass of `ColdChainError` and fails when one is missing."""


class FieldProblem(BaseModel):
    """One thing wrong with one field of the request."""

    field: str
    detail: str


class Problem(BaseModel):
    """What every failure looks like; `instance` is the id to quote when asking for help."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldProblem] | None = None


def status_of(error: ColdChainError) -> HTTPStatus:
    """Return the status of the nearest named class of this error; 500 for an unnamed one."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _respond(
    status: int,
    name: str,
    detail: str,
    *,
    instance: str | None = None,
    headers: Mapping[str, str] | None = None,
    errors: list[FieldProblem] | None = None,
) -> JSONResponse:
    problem = Problem(
        type=f"urn:unbroken:problem:{name}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance or f"urn:uuid:{uuid.uuid4()}",
        errors=errors,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True), status, dict(headers or {}), MEDIA_TYPE
    )


def _headers_of(error: ColdChainError) -> dict[str, str]:
    match error:
        case NotSignedIn():
            return {"WWW-Authenticate": "Bearer"}
        case TooManyAttempts(retry_after_s=seconds):
            return {"Retry-After": str(seconds)}
        case Overloaded() | StoreUnavailable():
            return {"Retry-After": str(RETRY_AFTER_S)}
        case _:
            return {}


def problem_of(error: ColdChainError) -> JSONResponse:
    """Return the answer for something we foresaw. What went wrong inside is logged, not told."""
    status = status_of(error)
    name = type(error).__name__
    # A database that answers, but refuses what we ask, is our bug: loud, not "try again".
    is_our_bug = isinstance(error, StoreUnavailable) and not error.transient
    if is_our_bug or status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return _hidden(error)
    detail = str(error)
    if isinstance(error, StoreUnavailable):
        _log.warning("store_unavailable", extra={"detail": detail})
        detail = "The database is out of reach. Nothing of this request was stored; try it again."
    return _respond(status, name, detail, headers=_headers_of(error))


def _hidden(error: BaseException) -> JSONResponse:
    instance = f"urn:uuid:{uuid.uuid4()}"
    _log.error("request_failed", exc_info=error, extra={"instance": instance})
    detail = "Something went wrong here. Nothing of this request was stored. Quote the instance."
    # Starlette answers for bugs outside of every middleware: the headers come along from here.
    return _respond(500, "InternalError", detail, instance=instance, headers=HEADERS)


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location[1:]) or str(location[0])


async def _on_foreseen(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ColdChainError):
        raise error
    return problem_of(error)


async def _on_malformed(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [
        FieldProblem(field=_field(tuple(one["loc"])), detail=str(one["msg"]))
        for one in error.errors()[:50]
    ]
    return _respond(422, "Malformed", "The request cannot be read. See errors.", errors=errors)


async def _on_http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = {
        404: "There is nothing at this address.",
        405: "This address does not take that method.",
        413: "The request is larger than 1 MiB.",
    }.get(error.status_code, str(error.detail))
    name = status.phrase.title().replace(" ", "")
    return _respond(status, name, detail, headers=error.headers)


async def _on_bug(_: Request, error: Exception) -> JSONResponse:
    return _hidden(error)


def install_problems(app: FastAPI) -> None:
    """Give every failure of the app its one shape: foreseen, malformed, HTTP's own, and bugs."""
    app.add_exception_handler(ColdChainError, _on_foreseen)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)
