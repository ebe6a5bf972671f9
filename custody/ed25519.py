"""Ed25519 signatures (RFC 8032): checking one, and the name of a key."""

import hashlib

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether this key made this signature over this message; never raises."""
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public)
    except (BadSignatureError, ValueError):
        return False
    return True


def key_id(public: bytes) -> str:
    """Return a key's name: SHA-256 of its 32 raw bytes, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()
