"""Refused sign-ins slow their author down, per account and per address, and nobody else."""

from datetime import datetime, timedelta

from schemas.errors import ColdChainError
from store.database import Session
from store.sign_in_failures import count_failures

WINDOW = timedelta(minutes=15)
OF_ACCOUNT_FROM_ADDRESS = 5
OF_ACCOUNT = 50
OF_ADDRESS = 50


class TooManyAttempts(ColdChainError):
    """Too many sign-ins were refused; `retry_after_s` later another may be tried."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"Too many sign-ins were refused. Wait {retry_after_s // 60} minutes and try again, "
            "or ask an administrator for a new password."
        )
        self.retry_after_s = retry_after_s


def check_attempts(session: Session, *, account: str, address: str, now: datetime) -> None:
    """Let a sign-in be tried, unless too many were refused within the window.

    Five for one account from one address; fifty for one account from everywhere, and fifty for
    one address: a stranger cannot lock a pharmacist out of her own screen with five guesses.

    Raises:
        TooManyAttempts: The limit is reached.
    """
    both, of_account, of_address = count_failures(
        session, account=account, address=address, since=now - WINDOW
    )
    if both >= OF_ACCOUNT_FROM_ADDRESS or of_account >= OF_ACCOUNT or of_address >= OF_ADDRESS:
        raise TooManyAttempts(int(WINDOW.total_seconds()))
