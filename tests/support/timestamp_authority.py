"""A time stamping authority of our own: `openssl ts` behind a small HTTP server."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

CONFIG = """
[req]
distinguished_name = name
x509_extensions = stamping
prompt = no
[name]
CN = Test authority
[stamping]
extendedKeyUsage = critical,timeStamping
basicConstraints = critical,CA:false
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A served authority.

    Attributes:
        url: Where it is asked.
        certificate: PEM file of its certificate.
        answers: What it answered so far.
    """

    url: str
    certificate: Path
    answers: list[bytes]


def openssl() -> str | None:
    """Return the program, None where it is not installed."""
    return shutil.which("openssl")


@contextmanager
def timestamp_authority(folder: Path) -> Iterator[Authority]:
    """Serve an authority on a free port until the end of the block."""
    folder.mkdir()
    config = folder / "openssl.cnf"
    config.write_text(CONFIG.format(folder=folder), encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", str(config),
        "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"),
    )  # fmt: skip
    answers: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            answer = _reply(folder, config, query)
            answers.append(answer)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/"
        yield Authority(url=url, certificate=folder / "certificate.pem", answers=answers)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _reply(folder: Path, config: Path, query: Path) -> bytes:
    reply = folder / "reply.tsr"
    _openssl(
        "ts", "-reply", "-config", str(config), "-queryfile", str(query),
        "-signer", str(folder / "certificate.pem"), "-inkey", str(folder / "key.pem"),
        "-out", str(reply),
    )  # fmt: skip
    return reply.read_bytes()


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)
