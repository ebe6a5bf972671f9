"""Where keys stand and where statements about them go: the database here, or an API elsewhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx

from custody.envelope import Envelope, EnvelopeView, envelope_of
from custody.gathering import Awaiting, envelope_of_waiting, take
from custody.keys import current_keys
from custody.ledger import read_payload
from schemas.errors import ConfigurationError, CustodyConflict
from schemas.key_statement import KeyStatement
from schemas.settings import Settings
from schemas.statement import Seen
from store.database import Engine, open_engine, transaction
from store.ledger import get_origin
from store.signing_keys import get_waiting, list_keys
from unbroken.key_statements import KeysHead
from unbroken.reach_database import reachable_database

_TOKEN = "UNBROKEN_TOKEN"  # noqa: S105 - the name of the variable
_REFUSED_FROM = 400

Row = dict[str, Any]
"""A key as `GET /keys` tells it."""


class KeyRegister(Protocol):
    """Keys of one log."""

    def head(self) -> KeysHead:
        """Return the end of the chain of keys."""

    def rows(self) -> list[Row]:
        """Return every key that was ever enrolled, oldest first."""

    def waiting(self, statement_id: str) -> Envelope:
        """Return a statement that waits for signatures."""

    def send(self, envelope: Envelope) -> str:
        """Have a statement recorded; return a sentence on what became of it."""


@contextmanager
def open_register(settings: Settings, url: str | None) -> Iterator[KeyRegister]:
    """Yield the keys of the API at `url`, or of the database that the settings mean.

    Raises:
        ConfigurationError: There is no token for the API, or no database.
    """
    if url is not None:
        token = os.environ.get(_TOKEN)
        if not token:
            raise ConfigurationError(f"Set {_TOKEN} to a token of that API.")
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers) as client:
            yield _Remote(client)
        return
    with reachable_database(settings) as database_url:
        engine = open_engine(database_url)
        try:
            yield _Local(engine)
        finally:
            engine.dispose()


class _Local:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def head(self) -> KeysHead:
        with transaction(self._engine) as session:
            keys = current_keys(session)
            seen = Seen(sequence=keys.sequence, hash=keys.head.hex()) if keys.sequence else None
            return KeysHead(log=get_origin(session), seen=seen)

    def rows(self) -> list[Row]:
        with transaction(self._engine) as session:
            return [
                {
                    "key": row.key,
                    "user": row.username,
                    "name": row.name,
                    "party": row.party_id,
                    "approver": row.approver,
                    "enrolled_index": row.enrolled_index,
                    "revoked_index": row.revoked_index,
                }
                for row in list_keys(session)
            ]

    def waiting(self, statement_id: str) -> Envelope:
        with transaction(self._engine) as session:
            return envelope_of_waiting(get_waiting(session, statement_id))

    def send(self, envelope: Envelope) -> str:
        with transaction(self._engine) as session:
            taken = take(session, envelope, datetime.now(UTC))
        if isinstance(taken, Awaiting):
            return _awaits([signer.user for signer in taken.missing])
        return _recorded(taken.index)


class _Remote:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def head(self) -> KeysHead:
        body = self._call("GET", "/keys/head")
        seen = Seen(sequence=body["sequence"], hash=body["hash"]) if body["founded"] else None
        return KeysHead(log=body["log"], seen=seen)

    def rows(self) -> list[Row]:
        rows: list[Row] = self._call("GET", "/keys")
        return rows

    def waiting(self, statement_id: str) -> Envelope:
        body = self._call("GET", f"/statements/{statement_id}")
        return envelope_of(EnvelopeView.model_validate(body["envelope"]))

    def send(self, envelope: Envelope) -> str:
        said = read_payload(envelope)
        place = "key-statements" if isinstance(said, KeyStatement) else "statements"
        body = self._call("PUT", f"/{place}/{said.id}", envelope.to_json())
        if "missing" in body:
            return _awaits([signer["user"] for signer in body["missing"]])
        return _recorded(body["index"])

    def _call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            message = f"{self._client.base_url} does not answer: {error}."
            raise ConfigurationError(message) from error
        if answer.status_code >= _REFUSED_FROM:
            raise CustodyConflict(_detail(answer))
        return answer.json()


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.url} answers {answer.status_code}."


def _awaits(users: list[str]) -> str:
    return f"Not recorded yet: it waits for the signature of {', '.join(users)}."


def _recorded(index: int) -> str:
    return f"Recorded at index {index}."
