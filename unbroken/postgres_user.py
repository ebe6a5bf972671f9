"""Whom PostgreSQL runs as: it refuses to run as root."""

import os
import pwd
from dataclasses import dataclass

from schemas.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """The operating-system user that PostgreSQL runs as when we are root."""

    name: str
    uid: int
    gid: int


def server_user() -> ServerUser | None:
    """Return whom to become for PostgreSQL; None when we are an ordinary user already.

    An existing user is taken, none is ever created.

    Raises:
        ConfigurationError: We are root and there is neither `postgres` nor `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    message = (
        "PostgreSQL does not run as root, and this system has neither a user postgres nor nobody. "
        "Create one, start Unbroken as an ordinary user, or set UNBROKEN_DATABASE_URL."
    )
    raise ConfigurationError(message)
