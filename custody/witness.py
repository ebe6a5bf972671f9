"""What a witness decides: cosign a log's checkpoint only if it continues the last one.

Pure: requests and the last cosigned head come in, a decision goes out. `custody.witness_book`
remembers. Source: C2SP tlog-witness; its status codes are the statuses here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NoReturn

from custody.base64_text import to_base64
from custody.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    parse_decimal,
    parse_hash,
)
from custody.cosignature import cosign, witness_key
from custody.key_file import SigningKeyPair
from custody.merkle import EMPTY_ROOT, check_consistency
from custody.note import ED25519, Note, VerifierKey, open_note, parse_note, parse_vkey
from schemas.errors import ConfigurationError, LedgerCorrupt

MAX_PROOF_LINES = 63
_OLD = "old "
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who cosigns, and for which logs.

    Attributes:
        name: Name of the witness's key.
        pair: The key, used for nothing else.
        logs: Keys that are trusted, by the origin of their log.
    """

    name: str
    pair: SigningKeyPair
    logs: Mapping[str, tuple[VerifierKey, ...]]

    @property
    def key(self) -> VerifierKey:
        """The key under which others check its cosignatures."""
        return witness_key(self.name, self.pair.public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A submitted checkpoint, not yet checked: `old`, a consistency proof, and the signed note."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """Return the body of the request; inverse of `parse_request`."""
        lines = [f"{_OLD}{self.old_size}", *(to_base64(each) for each in self.proof), ""]
        return "".join(f"{each}\n" for each in lines).encode("ascii") + self.note


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request whose checkpoint a known log signed.

    Attributes:
        request: What came in.
        note: The checkpoint with the signatures of the known log only.
        checkpoint: The note's text.
    """

    request: Request
    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a witness remembers of a log: the largest checkpoint it cosigned, and when last."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    at: datetime = _BEGINNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why there is no cosignature.

    Attributes:
        status: HTTP status.
        sentence: For people.
        size: Size of the last cosigned checkpoint; with status 409 only.
        contradicts: The log signed something that is not proven to continue what it signed before.
    """

    status: HTTPStatus
    sentence: str
    size: int | None = None
    contradicts: bool = False


def trusted_logs(vkeys: Iterable[str]) -> dict[str, tuple[VerifierKey, ...]]:
    """Return the keys by origin; a log may have several, as while its key is changed.

    Raises:
        ConfigurationError: A text is not the key of a log.
    """
    logs: dict[str, tuple[VerifierKey, ...]] = {}
    for text in vkeys:
        try:
            key = parse_vkey(text)
        except LedgerCorrupt as error:
            message = f"{text!r} is not the key of a log: {error}"
            raise ConfigurationError(message) from error
        if key.type != ED25519:
            message = f"{text!r} is the key of a witness, not of a log."
            raise ConfigurationError(message)
        logs[key.name] = (*logs.get(key.name, ()), key)
    return logs


def parse_request(body: bytes) -> Request:
    """Return what was submitted.

    Raises:
        LedgerCorrupt: The body is not exactly of its form, the checkpoint included.

    Source: C2SP tlog-witness, add-checkpoint.
    """
    head, blank_line, note = body.partition(b"\n\n")
    try:
        first, *proof = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        message = "The lines before the checkpoint are not ASCII."
        raise LedgerCorrupt(message) from error
    if not blank_line or not first.startswith(_OLD) or len(proof) > MAX_PROOF_LINES:
        _refuse("A request is the old size, at most 63 hashes, an empty line, and a checkpoint.")
    parse_checkpoint(parse_note(note).text)
    return Request(
        old_size=parse_decimal(first.removeprefix(_OLD)),
        proof=tuple(parse_hash(each) for each in proof),
        note=note,
    )


def admit(body: bytes, logs: Mapping[str, Sequence[VerifierKey]]) -> Submission | Refusal:
    """Return the submission of a known log, or why it is refused whatever was cosigned before."""
    try:
        request = parse_request(body)
        origin = parse_checkpoint(parse_note(request.note).text).origin
    except LedgerCorrupt as error:
        return Refusal(status=HTTPStatus.BAD_REQUEST, sentence=str(error))
    keys = logs.get(origin)
    if keys is None:
        return Refusal(status=HTTPStatus.NOT_FOUND, sentence=f"{origin} is not a log known here.")
    try:
        checkpoint = open_checkpoint(request.note, keys)
        note = open_note(request.note, keys)
    except LedgerCorrupt as error:
        return Refusal(status=HTTPStatus.FORBIDDEN, sentence=str(error))
    if request.old_size > checkpoint.size:
        sentence = f"The old size {request.old_size} is larger than the size {checkpoint.size}."
        return Refusal(status=HTTPStatus.BAD_REQUEST, sentence=sentence)
    return Submission(request=request, note=note, checkpoint=checkpoint)


def decide(submission: Submission, head: Head) -> Refusal | None:
    """Return why a submission is refused, given the head cosigned last; None: cosign it."""
    request, checkpoint = submission.request, submission.checkpoint
    if request.old_size != head.size:
        sentence = f"The last checkpoint cosigned here has size {head.size}."
        return Refusal(status=HTTPStatus.CONFLICT, sentence=sentence, size=head.size)
    if checkpoint.size == head.size and checkpoint.root != head.root:
        return Refusal(
            status=HTTPStatus.CONFLICT,
            sentence=f"Another checkpoint of size {head.size} was cosigned here.",
            size=head.size,
            contradicts=head.size > 0,
        )
    try:
        _check_growth(request, checkpoint, head)
    except LedgerCorrupt as error:
        return Refusal(
            status=HTTPStatus.UNPROCESSABLE_ENTITY, sentence=str(error), contradicts=head.size > 0
        )
    return None


def cosign_after(
    submission: Submission, head: Head, witness: Witness, now: datetime
) -> tuple[Head, str]:
    """Return the new head and the cosignature line of a submission that was decided for.

    The time never runs backwards for a log, even if the clock does: a cosignature says that
    nothing larger was seen until then.
    """
    at = max(now.replace(microsecond=0), head.at)
    checkpoint = submission.checkpoint
    line = cosign(submission.note.text, witness.name, witness.pair, at)
    return Head(size=checkpoint.size, root=checkpoint.root, at=at), line


def _check_growth(request: Request, checkpoint: Checkpoint, head: Head) -> None:
    if head.size > 0:
        check_consistency(
            old_size=head.size,
            new_size=checkpoint.size,
            old_root=head.root,
            new_root=checkpoint.root,
            proof=request.proof,
        )
    elif request.proof:
        _refuse("Nothing proves a log's growth from size 0; the proof must be empty.")


def _refuse(message: str) -> NoReturn:
    raise LedgerCorrupt(message)
