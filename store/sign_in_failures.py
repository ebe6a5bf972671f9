"""Refused sign-ins, counted per account and per address."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, func, or_
from sqlmodel import Session, col, select

from store.tables.sign_in import SignInFailure


def _sha256(account: str) -> bytes:
    return hashlib.sha256(account.encode()).digest()


def record_failure(session: Session, *, account: str, address: str, now: datetime) -> None:
    """Count one refused sign-in against the account and the address."""
    session.add(SignInFailure(account_sha256=_sha256(account), address=address, failed_at=now))
    session.flush()


def count_failures(
    session: Session, *, account: str, address: str, since: datetime
) -> tuple[int, int, int]:
    """Return refused sign-ins since then: of this account from this address, of either alone."""
    hashed = _sha256(account)
    of_account = col(SignInFailure.account_sha256) == hashed
    of_address = col(SignInFailure.address) == address
    row = session.execute(
        select(
            func.count().filter(of_account & of_address),
            func.count().filter(of_account),
            func.count().filter(of_address),
        ).where(or_(of_account, of_address), col(SignInFailure.failed_at) > since)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def forget_failures(session: Session, *, account: str, address: str, before: datetime) -> None:
    """Forget this account's refused tries from this address, and everybody's older ones."""
    mine = (col(SignInFailure.account_sha256) == _sha256(account)) & (
        col(SignInFailure.address) == address
    )
    session.execute(delete(SignInFailure).where(or_(mine, col(SignInFailure.failed_at) < before)))
