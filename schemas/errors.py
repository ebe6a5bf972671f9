"""Everything that may go wrong and that we foresaw, one class for each thing a caller would do."""

from enum import StrEnum


class QuarantineReason(StrEnum):
    """Why a message was set aside instead of becoming readings (domain.md section 2)."""

    UNDECODABLE = "undecodable"
    IDENTITY_MISMATCH = "identity_mismatch"
    UNKNOWN_LOGGER = "unknown_logger"
    FROM_THE_FUTURE = "from_the_future"
    IMPLAUSIBLE_TIME = "implausible_time"
    CONFLICT = "conflict"


class ColdChainError(Exception):
    """Something we foresaw. Anything else that escapes is a bug."""


class DecodeError(ColdChainError):
    """A message cannot become readings; it belongs into quarantine with this reason."""

    def __init__(self, reason: QuarantineReason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class ReadingError(ColdChainError):
    """Columns of readings contradict what their reader relies on (shape, order, finiteness)."""


class ProfileError(ColdChainError):
    """A therapy profile contradicts itself or cannot be read."""


class ScanError(ColdChainError):
    """What a scanner delivered is not a label that may be believed; nothing of it is used."""

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(f"{wrong} {remedy}")
        self.wrong, self.remedy = wrong, remedy


class CustodyConflict(ColdChainError):
    """The statement contradicts the custody already on record."""


class NotFound(ColdChainError):
    """Nothing of that name exists, or the asker may not know that it does."""

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(f"There is no {noun} {key}, or you may not see it.")
        self.noun, self.key = noun, key


class Duplicate(ColdChainError):
    """The same identifier came again with other contents; what was stored first stays."""

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(
            f"{noun} {key} is already recorded with other contents. The first stays as it is; "
            "use a new identifier, or send exactly the same contents."
        )
        self.noun, self.key = noun, key


class NotSignedIn(ColdChainError):
    """The caller has not said who they are, or the sign-in has ended."""


class Refused(ColdChainError):
    """The caller is known, and may not do this."""


class SignatureRefused(ColdChainError):
    """A signature does not hold: bytes, key or name do not belong together. Nothing is recorded."""


class LedgerCorrupt(ColdChainError):
    """The ledger's stored bytes do not prove what they should."""


class StoreUnavailable(ColdChainError):
    """The database did not do what was asked; nothing of the transaction is stored.

    Attributes:
        transient: True when the same call may succeed later (SQLSTATE classes 08, 40, 53, 57P).
    """

    def __init__(self, detail: str, *, transient: bool) -> None:
        super().__init__(f"The database refused or is out of reach: {detail}")
        self.transient = transient


class Overloaded(ColdChainError):
    """More work arrived than can be taken now; nothing was taken, try again shortly."""


class ConservationError(ColdChainError):
    """Readings taken do not equal readings stored, known, and set aside. Nothing was committed."""

    def __init__(self, *, taken: int, inserted: int, duplicates: int, conflicts: int) -> None:
        super().__init__(
            f"{taken} readings were taken, but {inserted} stored, {duplicates} already known and "
            f"{conflicts} in conflict do not add up. The batch was rolled back."
        )
        self.taken, self.inserted = taken, inserted
        self.duplicates, self.conflicts = duplicates, conflicts


class ConfigurationError(ColdChainError):
    """A setting is missing, unsafe or contradicts another one."""
