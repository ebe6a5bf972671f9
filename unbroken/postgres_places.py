"""Directories for the embedded PostgreSQL that its own user can reach, and nobody else."""

import os
import secrets
import stat
import tempfile
from pathlib import Path

from unbroken.postgres_user import ServerUser

# sun_path holds 107 bytes; the name of the socket's lock file takes the rest.
_SOCKET_DIR_BYTES = 107 - len("/.s.PGSQL.5432.lock")
_ROOTS_DATA = Path("/var/lib/unbroken")


def may_enter(directory: Path, user: ServerUser | None) -> bool:
    """Tell whether `user` can pass through `directory` and all its parents, by their modes.

    Directories that do not exist yet are left out. None stands for ourselves.
    """
    if user is None:
        return True
    resolved = directory.resolve()
    for place in (resolved, *resolved.parents):
        try:
            facts = place.stat()
        except FileNotFoundError:
            continue
        if facts.st_uid == user.uid:
            needed = stat.S_IXUSR
        elif facts.st_gid == user.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not facts.st_mode & needed:
            return False
    return True


def reachable_data_dir(wanted: Path, user: ServerUser | None) -> Path:
    """Return where the cluster really goes: `wanted`, or a place that a link at `wanted` names.

    Root's own directories are closed to the user that PostgreSQL runs as, and opening them would
    expose more than the database. The cluster then lies under /var/lib/unbroken, and `wanted`
    becomes a symbolic link to it.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if wanted.is_symlink():
        return wanted.readlink()
    if wanted.exists() or may_enter(wanted.parent, user):
        return wanted
    _ROOTS_DATA.mkdir(mode=0o711, parents=True, exist_ok=True)
    place = _ROOTS_DATA / f"postgres-{secrets.token_hex(6)}"
    wanted.symlink_to(place)
    return place


def private_socket_dir(user: ServerUser | None) -> Path:
    """Return a new, empty directory that only the server's user (and root) can enter.

    It is short, because a Unix socket's path may not exceed 107 bytes.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    roots = [runtime] if runtime and user is None else []
    for root in (*roots, tempfile.gettempdir()):
        if root and os.access(root, os.W_OK) and len(os.fsencode(root)) < _SOCKET_DIR_BYTES - 24:
            break
    else:
        root = "/tmp"  # noqa: S108 - mkdtemp makes a private directory in it
    if not may_enter(Path(root), user):
        root = "/tmp"  # noqa: S108 - as above
    directory = Path(tempfile.mkdtemp(prefix="unbroken-", dir=root))
    if user is not None:
        os.chown(directory, user.uid, user.gid)
    return directory
