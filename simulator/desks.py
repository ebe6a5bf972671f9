"""Who signs: the desks of the parties, each with a device that has a key of its own."""

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import cached_property

from nacl.signing import SigningKey

from simulator.places import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A place of work; nobody real works there.

    Attributes:
        user: User name of the device.
        name: Printed under its signatures.
        party: Id of the party that it signs for; None for approvers of no party.
    """

    user: str
    name: str
    party: str | None


def desk_of(party: Party, work: str) -> Desk:
    """Return a party's desk for some kind of work, such as `dispatch`."""
    return Desk(
        user=f"{party.id}.{work.replace(' ', '-')}",
        name=f"{party.name} {work} desk",
        party=party.id,
    )


@dataclass(frozen=True)
class DeviceKey:
    """An Ed25519 key of a device, made from 32 secret bytes."""

    seed: bytes = field(repr=False)

    @cached_property
    def public(self) -> bytes:
        """The public key, 32 raw bytes."""
        return bytes(self._key.verify_key)

    @cached_property
    def key_id(self) -> str:
        """The key's name: SHA-256 of the public key, hexadecimal."""
        return hashlib.sha256(self.public).hexdigest()

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message, 64 bytes."""
        return self._key.sign(message).signature

    @cached_property
    def _key(self) -> SigningKey:
        return SigningKey(self.seed)


def key_of(secret: str, desk: Desk) -> DeviceKey:
    """Return the key of a desk's device, the same on every run with the same secret."""
    return DeviceKey(hmac.digest(secret.encode(), f"desk {desk.user}".encode(), "sha256"))
