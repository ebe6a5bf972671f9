"""Passwords: argon2id, and the same work for a name nobody has."""

import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from schemas.errors import Overloaded

_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_S = 5.0


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _hash_of_nobody() -> str:
    return _hasher().hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its own salt and costs inside."""
    return _hasher().hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Return whether this is the password of the hash.

    Without a hash (unknown user) the same work is done and the answer is no, so that the time
    taken does not tell which names exist. Two at once at most: each takes 64 MiB.

    Raises:
        Overloaded: Too many sign-ins at this moment.
    """
    if not _AT_ONCE.acquire(timeout=_WAIT_S):
        message = "Too many sign-ins at this moment. Try again shortly."
        raise Overloaded(message)
    try:
        good = _hasher().verify(password, password_hash or _hash_of_nobody())
    except UnknownHashError:
        good = False
    finally:
        _AT_ONCE.release()
    return good and password_hash is not None
