"""The envelope around signed bytes: what they are, the bytes, and who signed them.

Source: DSSE v1.0 (github.com/secure-systems-lab/dsse): envelope.md and protocol.md.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from custody.base64_text import from_base64, to_base64
from custody.canonical import Json, parse_signed
from custody.ed25519 import SIGNATURE_BYTES
from schemas.errors import LedgerCorrupt
from schemas.key_statement import KeyStatement
from schemas.signed_text import HashHex, Strict
from schemas.statement import Statement

STATEMENT_TYPE = "application/vnd.unbroken.statement+json;v=2"
KEY_STATEMENT_TYPE = "application/vnd.unbroken.key+json;v=1"

Base64 = Annotated[str, Field(max_length=1_000_000, pattern="^[A-Za-z0-9+/]*={0,2}$")]


class SignatureView(Strict):
    """One signature on the wire."""

    keyid: HashHex
    sig: Base64


class EnvelopeView(Strict):
    """A DSSE envelope on the wire: exactly these fields, padded standard base64."""

    payload: Base64
    payloadType: str = Field(max_length=200)  # noqa: N815 - the name that DSSE gives it
    signatures: tuple[SignatureView, ...] = Field(default=(), max_length=64, strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature and the name of the key that made it (`custody.ed25519.key_id`)."""

    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Signed bytes: their type, themselves, and signatures in the order of their signers."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def pae(self) -> bytes:
        """The bytes that are signed."""
        return pre_authentication_encoding(self.payload_type, self.payload)

    def to_json(self) -> dict[str, Json]:
        """Return the envelope as it stands in an entry."""
        return {
            "payload": to_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": one.key_id, "sig": to_base64(one.signature)} for one in self.signatures
            ],
        }


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return PAE(type, body): what a signature is made over. DSSE protocol.md."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope_of(view: EnvelopeView) -> Envelope:
    """Return the envelope that came over the wire.

    Raises:
        LedgerCorrupt: Its base64 is not canonical, or a signature is not of Ed25519's length.
    """
    return make_envelope(
        payload=view.payload,
        payload_type=view.payloadType,
        signatures=tuple((one.keyid, one.sig) for one in view.signatures),
    )


def make_envelope(
    *, payload: str, payload_type: str, signatures: tuple[tuple[str, str], ...]
) -> Envelope:
    """Return an envelope from its texts, base64 as in the wire form.

    Raises:
        LedgerCorrupt: Its base64 is not canonical, or a signature is not of Ed25519's length.
    """
    envelope = Envelope(
        payload_type=payload_type,
        payload=from_base64(payload),
        signatures=tuple(
            Signature(key_id=keyid, signature=from_base64(sig)) for keyid, sig in signatures
        ),
    )
    if any(len(one.signature) != SIGNATURE_BYTES for one in envelope.signatures):
        message = f"A signature is not of {SIGNATURE_BYTES} bytes, as Ed25519 makes them."
        raise LedgerCorrupt(message)
    return envelope


def parse_payload(envelope: Envelope) -> Statement | KeyStatement:
    """Return what an envelope holds.

    Raises:
        LedgerCorrupt: The type is unknown, or the bytes are not of it.
    """
    if envelope.payload_type == STATEMENT_TYPE:
        return parse_signed(Statement, envelope.payload)
    if envelope.payload_type == KEY_STATEMENT_TYPE:
        return parse_signed(KeyStatement, envelope.payload)
    message = f"The ledger does not know the payload type {envelope.payload_type[:100]!r}."
    raise LedgerCorrupt(message)
