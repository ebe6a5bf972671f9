"""What is asserted about signing keys: who has which, from when until when.

Key statements are entries of the same log as custody, in a chain of their own.
"""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.signed_text import (
    HashHex,
    Identifier,
    PrintedName,
    StatementId,
    Strict,
    Text,
    UtcMillis,
)
from schemas.statement import Seen


class KeyStatementKind(StrEnum):
    """What may be said about keys."""

    FOUND_KEYS = "found_keys"
    ENROL_KEY = "enrol_key"
    ROTATE_KEY = "rotate_key"
    REVOKE_KEY = "revoke_key"


class KeySignerRole(StrEnum):
    """As what somebody signs: for having the key, or for letting it in or out."""

    HOLDER = "holder"
    APPROVER = "approver"


class Key(Strict):
    """A public key and whose it is.

    Attributes:
        public: The 32 raw bytes of an Ed25519 public key, hexadecimal.
        user: User name.
        name: Printed name.
        party: The party that its holder signs for; None signs for no party.
        approver: Whether it may let keys in and out.
    """

    public: HashHex
    user: Identifier
    name: PrintedName
    party: Identifier | None
    approver: Literal["yes", "no"]


class KeySigner(Strict):
    """Somebody who signs a key statement."""

    user: Identifier
    name: PrintedName
    party: Identifier | None
    role: KeySignerRole = Field(strict=False)
    key: HashHex
    meaning: Text


class KeyStatement(Strict):
    """Keys that begin or end to count. Who must sign which kind: `custody.key_log`.

    Attributes:
        v: Version of this form.
        log: Origin of the log that it is made for.
        id: Chosen by the client, so that sending twice records once.
        keys: Keys that begin to count with the next entry.
        revokes: Ids of keys that no longer count from this entry on.
        suspect_since: From when on the revoked keys may have been in other hands.
        seen: Head of the keys' chain when it was signed.
    """

    v: int = Field(default=1, ge=1, le=1)
    log: Identifier
    id: StatementId
    kind: KeyStatementKind = Field(strict=False)
    keys: tuple[Key, ...] = Field(default=(), max_length=32, strict=False)
    revokes: tuple[HashHex, ...] = Field(default=(), max_length=32, strict=False)
    suspect_since: UtcMillis | None = None
    claimed_at: UtcMillis
    signers: tuple[KeySigner, ...] = Field(min_length=1, max_length=64, strict=False)
    seen: Seen | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        revoking = self.kind in {KeyStatementKind.ROTATE_KEY, KeyStatementKind.REVOKE_KEY}
        if bool(self.revokes) != revoking:
            message = "revokes belongs to rotate_key and revoke_key, which need it"
            raise ValueError(message)
        if bool(self.keys) == (self.kind is KeyStatementKind.REVOKE_KEY):
            message = "keys belongs to all kinds but revoke_key, which need it"
            raise ValueError(message)
        if revoking and self.reason is None:
            message = f"a statement of kind {self.kind} needs a reason"
            raise ValueError(message)
        for values in (
            [key.public for key in self.keys],
            [key.user for key in self.keys],
            [signer.key for signer in self.signers],
            self.revokes,
        ):
            if len(set(values)) < len(values):
                message = "the same key or user stands here twice"
                raise ValueError(message)
        return self
