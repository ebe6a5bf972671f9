"""The HTTP server: uvicorn, which lets go of live streams when it is told to stop."""

import socket

import uvicorn
from fastapi import FastAPI

SHUTDOWN_S = 5


class Server(uvicorn.Server):
    """Ends the live streams first: uvicorn would wait for them, and they have no end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        self.config.app.state.live.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def open_server(app: FastAPI, *, host: str, port: int) -> Server:
    """Return a server for the app; `run()` serves until `should_exit` is set or a signal comes."""
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
            lifespan="on",
        )
    )
