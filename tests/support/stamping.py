"""Timestamps of bytes without a network: `openssl ts` called directly."""

import subprocess
from pathlib import Path

from tests.support.timestamp_authority import CONFIG


def stamp(folder: Path, data: bytes, digest: str) -> bytes:
    """Return an RFC 3161 response (DER) over bytes, by an authority made for it in a new folder."""
    folder.mkdir()
    (folder / "openssl.cnf").write_text(CONFIG.format(folder=folder), encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    (folder / "data").write_bytes(data)
    make = "req -x509 -newkey rsa:2048 -nodes -config openssl.cnf -keyout key.pem -out cert.pem"
    ask = f"ts -query -data data -{digest} -out query.tsq"
    answer = "ts -reply -config openssl.cnf -signer cert.pem -inkey key.pem"
    for command in (make, ask, f"{answer} -queryfile query.tsq -out reply.tsr"):
        arguments = ["openssl", *command.split()]
        subprocess.run(arguments, cwd=folder, check=True, capture_output=True)
    return (folder / "reply.tsr").read_bytes()
