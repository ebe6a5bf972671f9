"""Asking a witness to cosign a checkpoint, as a log does (C2SP tlog-witness, client's side)."""

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Self

import httpx

from custody.checkpoint import Checkpoint, parse_checkpoint, parse_decimal
from custody.cosignature import check_cosignatures
from custody.note import Note, VerifierKey, parse_note, parse_signature_line
from custody.witness import Request
from schemas.errors import LedgerCorrupt

DEADLINE_S = 10.0
MAX_ANSWER_BYTES = 64 * 1024
_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
ProofFrom = Callable[[int], Sequence[bytes]]
"""From an old size (0 < old < size) to the consistency proof that leads to the checkpoint."""


class WitnessOutcome(StrEnum):
    """What came of asking a witness."""

    COSIGNED = "cosigned"
    AHEAD = "ahead"
    CONTRADICTED = "contradicted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """What a witness answered.

    Attributes:
        outcome: COSIGNED: `lines` are its checked cosignatures. AHEAD: it has cosigned `size`,
            larger than this checkpoint; if the log is not that large by now, it was cut or put
            back, or somebody else has its key. CONTRADICTED: the same size with another root, or
            growth it does not find proven. REFUSED: anything else. UNREACHABLE: no answer in time.
        detail: A sentence for people.
        lines: Cosignature lines with their newlines.
        size: Size it is known to have cosigned; None if it is not known.
        ignored: Lines left out, as of unknown keys or with a bad signature.
    """

    outcome: WitnessOutcome
    detail: str
    lines: tuple[str, ...] = ()
    size: int | None = None
    ignored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAddress:
    """A witness, as a policy names it: its submission prefix and its key."""

    url: str
    key: VerifierKey


def submit_checkpoint(
    client: httpx.Client,
    witness: WitnessAddress,
    note: bytes,
    *,
    old_size: int,
    proof_from: ProofFrom,
    deadline_s: float = DEADLINE_S,
) -> WitnessAnswer:
    """Return a witness's answer to a checkpoint; network and witness may do what they like.

    Args:
        client: Redirects are not followed.
        witness: Whom to ask.
        note: The checkpoint, signed by the log.
        old_size: Size of the checkpoint this witness is believed to have cosigned last; 0: none.
            If it names another size, it is asked once more with the proof from there.
        proof_from: Makes the proofs.
        deadline_s: For each of the two requests, s.
    """
    checkpoint = parse_checkpoint(parse_note(note).text)
    asked = _Asked(witness=witness, note=note, checkpoint=checkpoint, old_size=old_size)
    first = asked.ask(client, proof_from, deadline_s)
    # Another size that is not beyond this checkpoint: it only lacked the right proof.
    if first.outcome is not WitnessOutcome.REFUSED or first.size in {None, asked.old_size}:
        return first
    again = replace(asked, old_size=first.size or 0)
    return again.ask(client, proof_from, deadline_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One request to one witness."""

    witness: WitnessAddress
    note: bytes
    checkpoint: Checkpoint
    old_size: int

    def ask(self, client: httpx.Client, proof_from: ProofFrom, deadline_s: float) -> WitnessAnswer:
        between = 0 < self.old_size < self.checkpoint.size
        proof = tuple(proof_from(self.old_size)) if between else ()
        request = Request(old_size=self.old_size, proof=proof, note=self.note)
        url = f"{self.witness.url.rstrip('/')}/add-checkpoint"
        try:
            status, body = _post(client, url, request.to_bytes(), deadline_s)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            detail = f"No answer: {type(error).__name__}: {error}"
            return WitnessAnswer(outcome=WitnessOutcome.UNREACHABLE, detail=detail)
        return self.understand(status, body)

    def understand(self, status: int, body: bytes) -> WitnessAnswer:
        match status:
            case HTTPStatus.OK:
                return self._take_cosignatures(body)
            case HTTPStatus.CONFLICT:
                return self._take_size(body)
            case HTTPStatus.UNPROCESSABLE_ENTITY if self.old_size > 0:
                detail = f"It does not find proven that its size {self.old_size} was continued."
                return WitnessAnswer(
                    outcome=WitnessOutcome.CONTRADICTED, detail=detail, size=self.old_size
                )
            case _:
                detail = f"Status {status}: {body[:200].decode('utf-8', 'replace').strip()}"
                return WitnessAnswer(outcome=WitnessOutcome.REFUSED, detail=detail)

    def _take_cosignatures(self, body: bytes) -> WitnessAnswer:
        text = parse_note(self.note).text
        lines = body.decode("utf-8", "replace").split("\n")
        taken = tuple(f"{each}\n" for each in lines if _is_cosignature(each, text, self.witness))
        ignored = sum(map(bool, lines)) - len(taken)
        if not taken:
            detail = "It answered without a valid cosignature of its key."
            return WitnessAnswer(outcome=WitnessOutcome.REFUSED, detail=detail, ignored=ignored)
        return WitnessAnswer(
            outcome=WitnessOutcome.COSIGNED,
            detail=f"Cosigned size {self.checkpoint.size}.",
            lines=taken,
            size=self.checkpoint.size,
            ignored=ignored,
        )

    def _take_size(self, body: bytes) -> WitnessAnswer:
        try:
            size = parse_decimal(body.decode("ascii").removesuffix("\n"))
        except (LedgerCorrupt, UnicodeDecodeError):
            detail = "It answered 409 without a size."
            return WitnessAnswer(outcome=WitnessOutcome.REFUSED, detail=detail)
        outcome, detail = WitnessOutcome.REFUSED, f"It has cosigned size {size} last."
        if size > self.checkpoint.size:
            outcome = WitnessOutcome.AHEAD
        elif size == self.checkpoint.size == self.old_size:
            outcome = WitnessOutcome.CONTRADICTED
            detail = f"It has cosigned another checkpoint of size {size}."
        return WitnessAnswer(outcome=outcome, detail=detail, size=size)


def _is_cosignature(line: str, text: bytes, witness: WitnessAddress) -> bool:
    try:
        note = Note(text=text, signatures=(parse_signature_line(line),))
        return bool(check_cosignatures(note, [witness.key]))
    except LedgerCorrupt:
        return False


def _post(client: httpx.Client, url: str, body: bytes, deadline_s: float) -> tuple[int, bytes]:
    """Return status and body; a witness that trickles, headers included, is cut at the deadline."""
    received = bytearray()
    with (
        _Cutter(deadline_s) as cutter,
        client.stream(
            "POST",
            url,
            content=body,
            # Nothing packed, it might unpack to any length; and a connection to cut for each.
            headers={"Accept-Encoding": "identity", "Connection": "close"},
            timeout=deadline_s,
            follow_redirects=False,
            extensions={"trace": cutter.watch},
        ) as response,
    ):
        _give_up_if("Content-Encoding" in response.headers)
        for chunk in response.iter_bytes():
            received += chunk
            _give_up_if(len(received) > MAX_ANSWER_BYTES)
    _give_up_if(cutter.has_cut.is_set())
    return response.status_code, bytes(received)


class _Cutter:
    """Cuts a request's connection at its deadline: httpx bounds each read, not all together."""

    def __init__(self, deadline_s: float) -> None:
        self.has_cut = threading.Event()
        self._timer = threading.Timer(deadline_s, self._cut)
        self._timer.daemon = True
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Take the connection when it is made; called by httpx's transport."""
        if event in _CONNECTED:
            self._socket = info["return_value"].get_extra_info("socket")
            if self.has_cut.is_set():
                self._shut()

    def _cut(self) -> None:
        self.has_cut.set()
        self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # Below TLS: its own `shutdown` would take the session from under a running read.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _give_up_if(too_much: bool) -> None:  # noqa: FBT001 - a question, not a switch
    if too_much:
        message = "the answer is too slow, too long, or packed"
        raise TimeoutError(message)
