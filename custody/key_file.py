"""Ed25519 key pairs, and their files: PKCS#8 and SPKI in PEM, which `openssl` reads too.

Source: RFC 8410 sections 4 and 7 (the DER around the 32 bytes never varies).
"""

import os
import secrets
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from nacl.signing import SigningKey

from custody.base64_text import from_base64, to_base64
from custody.ed25519 import PUBLIC_BYTES, key_id
from schemas.errors import ConfigurationError, LedgerCorrupt

SEED_BYTES = 32
_PRIVATE_PREFIX = bytes.fromhex("302e020100300506032b657004220420")
_PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@lru_cache(maxsize=64)
def _signing_key(seed: bytes) -> SigningKey:
    """Return the key of a seed; deriving it costs as much as signing."""
    return SigningKey(seed)


@dataclass(frozen=True, slots=True)
class SigningKeyPair:
    """An Ed25519 key pair. The seed is the private key, and is never shown in a `repr`."""

    seed: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public key, 32 raw bytes."""
        return bytes(_signing_key(self.seed).verify_key)

    @property
    def key_id(self) -> str:
        """The key's name."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message, 64 bytes."""
        return _signing_key(self.seed).sign(message).signature


def new_key() -> SigningKeyPair:
    """Return a new key pair from the system's randomness."""
    return SigningKeyPair(secrets.token_bytes(SEED_BYTES))


def private_pem(pair: SigningKeyPair) -> str:
    """Return the private key as PKCS#8 in PEM."""
    return _pem("PRIVATE KEY", _PRIVATE_PREFIX + pair.seed)


def public_pem(public: bytes) -> str:
    """Return a public key as SubjectPublicKeyInfo in PEM."""
    return _pem("PUBLIC KEY", _PUBLIC_PREFIX + public)


def parse_private_pem(text: str) -> SigningKeyPair:
    """Return the key pair of a PKCS#8 PEM.

    Raises:
        ConfigurationError: It is not an Ed25519 private key.
    """
    return SigningKeyPair(_from_pem(text, "PRIVATE KEY", _PRIVATE_PREFIX, SEED_BYTES))


def parse_public_pem(text: str) -> bytes:
    """Return the 32 bytes of an SPKI PEM.

    Raises:
        ConfigurationError: It is not an Ed25519 public key.
    """
    return _from_pem(text, "PUBLIC KEY", _PUBLIC_PREFIX, PUBLIC_BYTES)


def save_key(path: Path, pair: SigningKeyPair) -> None:
    """Write a private key to a new file that only this user may read, safely on disk.

    Raises:
        ConfigurationError: There is a file already; a key is never overwritten.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        message = f"{path} is there already; a key is never overwritten."
        raise ConfigurationError(message) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(private_pem(pair))
        file.flush()
        os.fsync(file.fileno())


def load_key(path: Path) -> SigningKeyPair:
    """Return the key pair of a file.

    Raises:
        ConfigurationError: The file is missing, readable by others, or no private key.
    """
    try:
        if path.stat().st_mode & _OTHERS:
            message = f"Others may read the private key {path}: `chmod 600` it, or make a new one."
            raise ConfigurationError(message)
        return parse_private_pem(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"The private key {path} cannot be read: {error}."
        raise ConfigurationError(message) from error


def load_or_make_key(path: Path) -> SigningKeyPair:
    """Return the key pair of a file, made at the first call."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        save_key(path, new_key())
    return load_key(path)


def _pem(label: str, der: bytes) -> str:
    body = to_base64(der)
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def _from_pem(text: str, label: str, prefix: bytes, length: int) -> bytes:
    lines = text.strip().splitlines()
    if len(lines) == 3 and lines[0] == f"-----BEGIN {label}-----":  # noqa: PLR2004 - a PEM of one line
        try:
            der = from_base64(lines[1])
        except LedgerCorrupt:
            der = b""
        if der.startswith(prefix) and len(der) == len(prefix) + length:
            return der[len(prefix) :]
    message = f"This is not an Ed25519 {label.lower()} in PEM."
    raise ConfigurationError(message)
