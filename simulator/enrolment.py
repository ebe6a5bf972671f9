"""Has the desks' keys let in: two approvers sign for each, and so does the device itself."""

import base64
import binascii
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from schemas.errors import ConfigurationError
from simulator.desks import Desk, DeviceKey, key_of
from simulator.envelopes import KEY_STATEMENT_TYPE, canonical, envelope
from simulator.identifiers import derived_uuid
from simulator.office import Body, Office, OfficeUnavailableError, instant

log = logging.getLogger(__name__)

_AT_ONCE = 30
"""Keys in one statement; the format allows 32."""

_APPROVERS = 2
_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
_SEED_BYTES = 32


class Enrolment:
    """The keys of one fleet's desks, and which of them the service knows."""

    def __init__(self, office: Office, secret: str, approvers: tuple[DeviceKey, ...]) -> None:
        self._office, self._secret, self._approvers = office, secret, approvers
        self._enrolled: set[str] | None = None
        self._keys: dict[Desk, DeviceKey] = {}
        self._is_told = False

    def key_of(self, desk: Desk) -> DeviceKey:
        """Return the key of a desk's device."""
        if desk not in self._keys:
            self._keys[desk] = key_of(self._secret, desk)
        return self._keys[desk]

    def admit(self, desks: Iterable[Desk], at_us: int) -> bool:
        """Let in the keys of desks that are new; return whether all of them are let in now.

        A key that was let out again stays out: what its desk says is refused.

        Args:
            desks: Who is going to sign.
            at_us: Now.

        Raises:
            OfficeUnavailableError: Try again later, also when the keys are not founded yet.
        """
        known = self._known()
        new = sorted(
            (desk for desk in set(desks) if self.key_of(desk).key_id not in known),
            key=lambda desk: desk.user,
        )
        if new and not self._approvers:
            self._tell()
            return False
        for first in range(0, len(new), _AT_ONCE):
            self._enrol(new[first : first + _AT_ONCE], at_us)
        return True

    def _known(self) -> set[str]:
        if self._enrolled is None:
            self._enrolled = {row["key"] for row in self._rows()}
        return self._enrolled

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._office.get("/keys").body.get("items", [])
        return rows

    def _enrol(self, desks: list[Desk], at_us: int) -> None:
        head = self._office.get("/keys/head").body
        rows = [row for row in self._rows() if row["approver"] and row["revoked_index"] is None]
        known = {row["key"]: row for row in rows}
        approvers = [key for key in self._approvers if key.key_id in known]
        if len(approvers) < _APPROVERS:
            message = "the keys of the approvers are not enrolled"
            raise OfficeUnavailableError(message)
        signers = [
            *(_signer(desk, self.key_of(desk), "holder") for desk in desks),
            *(
                _signer(_desk_of_row(known[key.key_id]), key, "approver")
                for key in approvers[:_APPROVERS]
            ),
        ]
        keys = [self.key_of(desk) for desk in desks]
        document = _document(head, list(zip(desks, keys, strict=True)), signers, at_us)
        body = envelope(KEY_STATEMENT_TYPE, canonical(document), [*keys, *approvers[:_APPROVERS]])
        answer = self._office.put(f"/key-statements/{document['id']}", body)
        if not answer.is_good:
            self._enrolled = None
            message = f"the desks' keys are not let in: {answer.body.get('detail')}"
            raise OfficeUnavailableError(message)
        self._known().update(key.key_id for key in keys)

    def _tell(self) -> None:
        if not self._is_told:
            log.warning(
                "No keys of approvers were given (--approvers), so no desk can sign: shipments "
                "move and are measured, but nothing is said about custody."
            )
        self._is_told = True


def read_approvers(folder: Path | None) -> tuple[DeviceKey, ...]:
    """Return the private keys in a folder, PKCS#8 in PEM, in the order of their files' names.

    Raises:
        ConfigurationError: There are fewer than two, or a file is not an Ed25519 key.
    """
    if folder is None:
        return ()
    keys = tuple(_read_key(path) for path in sorted(folder.glob("*.pem")))
    if len(keys) < _APPROVERS:
        message = f"{folder} holds {len(keys)} keys of approvers (*.pem); two are needed."
        raise ConfigurationError(message)
    return keys


def _read_key(path: Path) -> DeviceKey:
    try:
        lines = path.read_text(encoding="ascii").split("\n")
        der = base64.b64decode("".join(lines[1:-2]), validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error) as error:
        message = f"{path} cannot be read as a key: {error}."
        raise ConfigurationError(message) from error
    if not der.startswith(_PKCS8) or len(der) != len(_PKCS8) + _SEED_BYTES:
        message = f"{path} is not an Ed25519 private key in PKCS#8."
        raise ConfigurationError(message)
    return DeviceKey(der[len(_PKCS8) :])


def _document(
    head: Body, keys: list[tuple[Desk, DeviceKey]], signers: list[Body], at_us: int
) -> Body:
    return {
        "v": 1,
        "log": head["log"],
        "id": str(derived_uuid("enrolment", head["hash"], *(key.key_id for _, key in keys))),
        "kind": "enrol_key",
        "keys": [
            {
                "public": key.public.hex(),
                "user": desk.user,
                "name": desk.name,
                "party": desk.party,
                "approver": "no",
            }
            for desk, key in keys
        ],
        "revokes": [],
        "suspect_since": None,
        "claimed_at": instant(at_us, milliseconds=True),
        "signers": signers,
        "seen": {"sequence": head["sequence"], "hash": head["hash"]},
        "reason": None,
    }


_MEANINGS = {
    "holder": "This key is of this desk's device, and stays there.",
    "approver": "I let these keys in.",
}


def _signer(desk: Desk, key: DeviceKey, role: str) -> Body:
    return {
        "user": desk.user,
        "name": desk.name,
        "party": desk.party,
        "role": role,
        "key": key.key_id,
        "meaning": _MEANINGS[role],
    }


def _desk_of_row(row: dict[str, Any]) -> Desk:
    return Desk(user=row["user"], name=row["name"], party=row["party"])
