"""The service's REST interface as a program from outside sees it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Body = Mapping[str, object]


class OfficeUnavailableError(Exception):
    """The service could not be reached or could not answer now; the same call may work later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said to one call."""

    status: int
    body: dict[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether it did what was asked, now or earlier."""
        return self.status in {200, 201}

    @property
    def is_taken(self) -> bool:
        """Whether it was done, or waits for somebody else to sign."""
        return self.is_good or self.status == httpx.codes.ACCEPTED


class Office:
    """A signed-in client; calls may be repeated freely, since every put names its noun."""

    def __init__(self, api_url: str, token: str, *, timeout_s: float = 10.0) -> None:
        self._client = httpx.Client(
            base_url=f"{api_url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout_s,
        )

    def put(self, path: str, body: Body) -> Answer:
        """Put one noun or statement.

        Raises:
            OfficeUnavailableError: Try again later.
        """
        return self._call("PUT", path, body)

    def get(self, path: str) -> Answer:
        """Get one noun or list.

        Raises:
            OfficeUnavailableError: Try again later.
        """
        return self._call("GET", path, None)

    def _call(self, method: str, path: str, body: Body | None) -> Answer:
        try:
            response = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise OfficeUnavailableError(str(error)) from error
        if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            message = f"{method} {path}: {response.status_code}"
            raise OfficeUnavailableError(message)
        answer = Answer(status=response.status_code, body=_object(response))
        if body is not None and not answer.is_taken:
            log.warning(
                "the service refused a simulated call",
                extra={"path": path, "status": answer.status, "detail": answer.body.get("detail")},
            )
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.close()


def instant(at_us: int, *, milliseconds: bool = False) -> str:
    """Return an instant as ISO 8601 with `Z`, to the second or to the millisecond."""
    at = _EPOCH + timedelta(microseconds=at_us)
    if milliseconds:
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1_000:03d}Z"
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        parsed = response.json()
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {"items": parsed}
