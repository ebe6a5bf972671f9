"""Trust policies: which logs, which witnesses, and how many of them (C2SP tlog-policy)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import NoReturn

from custody.cosignature import check_cosignatures
from custody.note import COSIGNATURE_V1, ED25519, Note, VerifierKey, parse_vkey
from schemas.errors import ConfigurationError, LedgerCorrupt

NO_QUORUM = "none"
MAX_POLICY_BYTES = 1 << 20
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile("[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A log or a witness of a policy: its key, and where to reach it if that is told."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Witnesses and groups, of which at least `threshold` must have cosigned."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Whom to trust. Names of witnesses and groups are the policy's own, not those of keys.

    Attributes:
        logs: Any one of them must have signed; may be empty.
        witnesses: By name, in the order of the file.
        groups: By name; each after all its members.
        quorum: Name of a witness or group, or `NO_QUORUM`.
    """

    logs: tuple[Known, ...] = ()
    witnesses: Mapping[str, Known] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NO_QUORUM

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of the logs."""
        return tuple(each.key for each in self.logs)

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of the witnesses."""
        return tuple(each.key for each in self.witnesses.values())

    @property
    def k(self) -> int:
        """The smallest number of witnesses that can meet the quorum; 0 for none."""
        least = dict.fromkeys(self.witnesses, 1) | {NO_QUORUM: 0}
        for name, group in self.groups.items():
            least[name] = sum(sorted(least[each] for each in group.members)[: group.threshold])
        return least[self.quorum]

    @property
    def n(self) -> int:
        """How many witnesses count for the quorum; all that are named, if it is none."""
        count = dict.fromkeys(self.witnesses, 1) | {NO_QUORUM: len(self.witnesses)}
        for name, group in self.groups.items():
            count[name] = sum(count[each] for each in group.members)
        return count[self.quorum]

    def met_by(self, names: Collection[str]) -> bool:
        """Return whether the quorum is met when these witnesses, by their names here, cosigned."""
        present = {name for name in self.witnesses if name in names} | {NO_QUORUM}
        for name, group in self.groups.items():
            if len(present.intersection(group.members)) >= group.threshold:
                present.add(name)
        return self.quorum in present

    def cosigners(self, note: Note) -> dict[str, datetime]:
        """Return which witnesses, by their names here, cosigned a checkpoint, and when first.

        Raises:
            LedgerCorrupt: A cosignature of a known witness is bad.
        """
        names = {known.key: name for name, known in self.witnesses.items()}
        found: dict[str, datetime] = {}
        for each in check_cosignatures(note, self.witness_keys):
            name = names[each.key]
            found[name] = min(each.at, found.get(name, each.at))
        return found

    def to_bytes(self) -> bytes:
        """Return a policy file that says this; `parse_policy` reads it back."""
        return "".join(f"{each}\n" for each in _lines_of(self)).encode(errors="surrogateescape")


def parse_policy(data: bytes) -> Policy:
    """Return the policy of a file.

    Raises:
        ConfigurationError: A line is not of a known form, names a key twice or a name twice, or
            refers to a name not defined before it; or there is not exactly one quorum.

    Source: C2SP tlog-policy.
    """
    if len(data) > MAX_POLICY_BYTES or _CONTROL.search(data):
        _refuse("The policy is longer than 1 MiB, or holds a control character.")
    draft = _Draft()
    # Names are octets that are only ever compared, so those that are not UTF-8 are carried along.
    lines = data.decode("utf-8", errors="surrogateescape").split("\n")
    for number, line in enumerate(lines, start=1):
        words = [each for each in re.split("[ \t]+", line) if each]
        if words and not words[0].startswith("#"):
            draft.read(number, words)
    return draft.finish()


class _Draft:
    """A policy as far as it has been read."""

    def __init__(self) -> None:
        self.logs: list[Known] = []
        self.witnesses: dict[str, Known] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self.number = 0
        self._members: set[str] = set()

    def read(self, number: int, words: Sequence[str]) -> None:
        self.number = number
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self.logs.append(self._known(self.logs, vkey, ED25519, url))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                known = self._known(self.witnesses.values(), vkey, COSIGNATURE_V1, url)
                self.witnesses[self._new(name)] = known
            case ["group", name, threshold, *members] if members:
                group = self._group(threshold, members)
                self.groups[self._new(name)] = group
            case ["quorum", name] if self.quorum is None:
                self.quorum = name if name == NO_QUORUM else self._defined(name)
            case _:
                self._refuse("is no log, witness or group, nor the only quorum")

    def finish(self) -> Policy:
        if self.quorum is None:
            _refuse("The policy has no quorum; `quorum none` says that none is asked for.")
        return Policy(
            logs=tuple(self.logs),
            witnesses=self.witnesses,
            groups=self.groups,
            quorum=self.quorum,
        )

    def _known(self, others: Collection[Known], vkey: str, kind: int, url: list[str]) -> Known:
        try:
            key = parse_vkey(vkey)
        except LedgerCorrupt as error:
            message = f"Line {self.number} of the policy has a bad key: {error}"
            raise ConfigurationError(message) from error
        if key.type != kind:
            self._refuse(f"has a key of type {key.type:#04x}, not {kind:#04x}")
        if key.public in {each.key.public for each in others}:
            self._refuse(f"gives the key of {key.name!r} a second time")
        return Known(key=key, url=url[0] if url else None)

    def _group(self, threshold: str, members: list[str]) -> Group:
        for member in members:
            if self._defined(member) in self._members:
                self._refuse(f"puts {member!r} into a group a second time")
            self._members.add(member)
        needed = {"any": "1", "all": str(len(members))}.get(threshold, threshold)
        if not _COUNT.fullmatch(needed) or int(needed) > len(members):
            self._refuse(f"asks for {threshold!r} of {len(members)} members")
        return Group(threshold=int(needed), members=tuple(members))

    def _new(self, name: str) -> str:
        if name == NO_QUORUM or name in self.witnesses or name in self.groups:
            self._refuse(f"gives the name {name!r} a second time")
        return name

    def _defined(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            self._refuse(f"refers to {name!r}, which no line before defines")
        return name

    def _refuse(self, what: str) -> NoReturn:
        _refuse(f"Line {self.number} of the policy {what}.")


def _lines_of(policy: Policy) -> Iterator[str]:
    yield from (f"log {_words(each)}" for each in policy.logs)
    yield from (f"witness {name} {_words(each)}" for name, each in policy.witnesses.items())
    for name, group in policy.groups.items():
        yield " ".join(chain(("group", name, str(group.threshold)), group.members))
    yield f"quorum {policy.quorum}"


def _words(known: Known) -> str:
    return known.key.to_text() if known.url is None else f"{known.key.to_text()} {known.url}"


def _refuse(message: str) -> NoReturn:
    raise ConfigurationError(message)
