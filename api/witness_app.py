"""A witness over HTTP: `POST /add-checkpoint`, and a page of text that says what it cosigned.

A program of its own, beside the API: whoever runs a witness needs no database and no account.
Source: C2SP tlog-witness.
"""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.body_limit import BodyLimit
from custody.witness import Witness
from custody.witness_book import WitnessBook, answer_submission
from schemas.errors import ConfigurationError, StoreUnavailable

SHUTDOWN_S = 5
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


def create_witness_app(
    witness: Witness, book: WitnessBook, *, clock: Clock = system_clock
) -> Starlette:
    """Return the app of one witness; many may ask at once."""

    async def add_checkpoint(request: Request) -> Response:
        body = await request.body()
        answer = await run_in_threadpool(answer_submission, book, witness, body, clock())
        return Response(answer.body, answer.status, headers={"Content-Type": answer.media_type})

    async def front_page(_: Request) -> Response:
        return PlainTextResponse(await run_in_threadpool(describe, witness, book))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/", front_page, methods=["GET"]),
        ],
        middleware=[Middleware(BodyLimit)],
        exception_handlers={StoreUnavailable: _on_store_unavailable},
    )


def describe(witness: Witness, book: WitnessBook) -> str:
    """Return who the witness is, and what it cosigned of each log it knows, as text."""
    heads = book.heads()
    lines = [f"Witness {witness.name}", f"Key {witness.key.to_text()}", ""]
    for origin in sorted(witness.logs):
        head = heads.get(origin)
        seen = "nothing yet" if head is None else f"size {head.size}, {head.at.isoformat()}"
        lines.append(f"{origin}: {seen}")
    found = book.contradictions()
    lines += ["", f"Contradictions kept: {len(found)}"]
    lines += [f"{at.isoformat()} {origin}: {sentence}" for origin, at, sentence, _ in found]
    return "".join(f"{line}\n" for line in lines)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        ConfigurationError: Somebody else listens there, or there is no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        message = (
            f"Cannot listen on {host} port {port}: {error}. Choose others with --host, --port."
        )
        raise ConfigurationError(message) from error


def witness_server(app: Starlette) -> uvicorn.Server:
    """Return a server for the app; `run(sockets=[…])` serves until SIGTERM or Ctrl-C."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
            lifespan="off",
        )
    )


async def _on_store_unavailable(_: Request, error: Exception) -> Response:
    sentence = f"Nothing was cosigned. {error}\n"
    return PlainTextResponse(sentence, HTTPStatus.SERVICE_UNAVAILABLE)
