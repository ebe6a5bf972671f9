"""A shipment's custody on paper: a PDF/A that is a witness of the log's root as well.

Values go to the template as a file of data, never as a piece of its source: whatever somebody is
called or remarks is printed and not carried out.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files

import segno
import typst

from custody.checkpoint import Checkpoint
from custody.printable import printable

STANDARD = "a-3b"
_TEMPLATE, _DATA, _QR, _NOTE = "certificate.typ", "certificate.json", "qr.svg", "checkpoint.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedSignature:
    """Who signed a step: printed name, party, role, key and what the signature means."""

    name: str
    party: str
    role: str
    key: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedStep:
    """One entry of the ledger.

    Attributes:
        index: Position in the log.
        title: What happened, in a sentence.
        claimed: When, says the signer.
        recorded: When the ledger took it.
        entry_hash: Of the entry, hexadecimal.
        covered: Whether the checkpoint covers it.
        conflict: Whether it contradicts the record and therefore changes nothing.
        signatures: Who signed.
        details: Further sentences: seals, verdict, remarks, refusals, corrections.
    """

    index: int
    title: str
    claimed: str
    recorded: str
    entry_hash: str
    covered: bool
    conflict: bool
    signatures: tuple[CertifiedSignature, ...]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedLeg:
    """The readings of one leg, and what is sealed of them."""

    number: int
    begin: str
    until: str
    count: str
    root: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedHead:
    """The checkpoint that the paper keeps.

    Attributes:
        checkpoint: Origin, size and root.
        note: The signed note with its cosignatures.
        signed_at: Aware.
        witnessed: By whom, in a sentence.
        indexes: Of the entries shown that it covers, as text.
    """

    checkpoint: Checkpoint
    note: bytes
    signed_at: datetime
    witnessed: str
    indexes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Everything that is printed, in words.

    Attributes:
        shipment: Code.
        facts: Label and value, line by line.
        steps: Entries, oldest first.
        waits: Times in which an offer was not answered, in sentences.
        legs: Sealed readings.
        verdict: The last verdict with its coverage, in sentences.
        limits: What was asked of the transport, with its source, in sentences.
        head: The checkpoint.
    """

    shipment: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[CertifiedStep, ...]
    waits: tuple[str, ...]
    legs: tuple[CertifiedLeg, ...]
    verdict: tuple[str, ...]
    limits: tuple[str, ...]
    head: CertifiedHead


def certificate_pdf(certificate: Certificate) -> bytes:
    """Return the certificate as PDF/A-3b; the same certificate gives the same bytes."""
    # A folder in memory is taken as well as a path, which the types do not say.
    data: bytes = typst.compile(  # type: ignore[call-overload]
        sources(certificate),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        timestamp=certificate.head.signed_at.astimezone(UTC).replace(microsecond=0),
    )
    return data


def sources(certificate: Certificate) -> dict[str, bytes]:
    """Return what the certificate is made of: template, data, picture and checkpoint."""
    head = certificate.head
    data = asdict(certificate) | {
        "head": {
            "origin": head.checkpoint.origin,
            "size": head.checkpoint.size,
            "root": head.checkpoint.root.hex(),
            "signed_at": instant_words(head.signed_at),
            "witnessed": head.witnessed,
            "indexes": head.indexes,
        },
        "text": head.checkpoint.to_bytes().decode(),
    }
    template = (files("custody") / _TEMPLATE).read_bytes()
    return {
        "main.typ": template,
        _DATA: json.dumps(_printable(data)).encode(),
        _QR: _qr(head.checkpoint),
        _NOTE: head.note,
    }


def instant_words(at: datetime) -> str:
    """Return an instant as it is printed: UTC, whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _qr(checkpoint: Checkpoint) -> bytes:
    """Return the checkpoint's three lines as a QR code, SVG."""
    out = io.BytesIO()
    segno.make(checkpoint.to_bytes().decode(), micro=False, error="m").save(
        out, kind="svg", xmldecl=False, border=2
    )
    return out.getvalue()


def _printable(value: object) -> object:
    match value:
        case str():
            return printable(value)
        case Mapping():
            return {key: _printable(each) for key, each in value.items()}
        case list() | tuple():
            return [_printable(each) for each in value]
        case _:
            return value
