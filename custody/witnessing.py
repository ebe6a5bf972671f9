"""Asking the policy's witnesses for cosignatures, and how far the log is witnessed."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from custody.cosignature import check_cosignatures
from custody.note import Note, VerifierKey, parse_note, parse_signature_line
from custody.policy import Known, Policy
from custody.tree import stored_consistency_proof
from custody.witness_client import (
    WitnessAddress,
    WitnessAnswer,
    WitnessOutcome,
    submit_checkpoint,
)
from store.checkpoints import (
    CheckpointRow,
    CosignatureRow,
    cosigned_sizes,
    insert_cosignature,
    list_cosignatures,
    list_last_cosignatures,
)
from store.database import Engine, Session, transaction
from store.outbox import publish

logger = logging.getLogger(__name__)

_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=1)
_ALARMING = frozenset({WitnessOutcome.AHEAD, WitnessOutcome.CONTRADICTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The largest checkpoint that one witness cosigned; both None before the first."""

    name: str
    size: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """How far the log is witnessed.

    Attributes:
        size: The largest checkpoint for which the policy's quorum is met; 0 for none.
        at: When it was met, by the witnesses' clocks; None for none.
        k: The smallest number of witnesses that meets the quorum.
        n: How many count for it.
        witnesses: Each of the policy, in its order.
    """

    size: int
    at: datetime | None
    k: int
    n: int
    witnesses: tuple[Standing, ...]


@dataclass(slots=True)
class _Contact:
    """How it went with one witness lately."""

    failures: int = 0
    alarm: str | None = None
    next_at: datetime | None = None

    def note(self, name: str, answer: WitnessAnswer, now: datetime) -> None:
        self.alarm = f"{name}: {answer.detail}" if answer.outcome in _ALARMING else None
        if answer.outcome is WitnessOutcome.COSIGNED:
            if self.failures:
                logger.info("a witness is back", extra={"witness": name, "failed": self.failures})
            self.failures, self.next_at = 0, None
            return
        if not self.failures:
            logger.warning(
                "a witness does not cosign", extra={"witness": name, "detail": answer.detail}
            )
        self.failures += 1
        pause = min(_FIRST_PAUSE * 2 ** min(self.failures - 1, 10), _LONGEST_PAUSE)
        self.next_at = now + pause


class Witnesses:
    """The witnesses of a policy, each asked by itself: one that is away delays no other's."""

    def __init__(self, policy: Policy, client: httpx.Client) -> None:
        self._policy, self._client = policy, client
        self._contacts = {name: _Contact() for name in policy.witnesses}

    @property
    def alarm(self) -> str | None:
        """What a witness says that contradicts us, for people; None when nobody does."""
        alarms = (each.alarm for each in self._contacts.values())
        return next((one for one in alarms if one), None)

    @property
    def failures(self) -> Mapping[str, int]:
        """How often each failed since it last cosigned."""
        return {name: each.failures for name, each in self._contacts.items()}

    def ask(self, engine: Engine, checkpoint: CheckpointRow, now: datetime) -> None:
        """Ask each witness that has not cosigned this checkpoint, and store what they sign.

        One that failed is asked again after a pause that doubles, up to a minute.
        """
        with transaction(engine) as session:
            last = _last_by_key(session, self._policy)
        for name, known in self._policy.witnesses.items():
            contact, before = self._contacts[name], last.get(known.key)
            if before is not None and before.size >= checkpoint.size:
                continue
            if known.url is None or (contact.next_at is not None and now < contact.next_at):
                continue
            old_size = before.size if before is not None else 0
            answer = self._submit(engine, checkpoint, known, known.url, old_size=old_size)
            contact.note(name, answer, now)
            _store(engine, checkpoint, known.key, answer)

    def _submit(
        self, engine: Engine, checkpoint: CheckpointRow, known: Known, url: str, *, old_size: int
    ) -> WitnessAnswer:
        def proof_from(size: int) -> tuple[bytes, ...]:
            with transaction(engine) as session:
                return stored_consistency_proof(session, size, checkpoint.size)

        address = WitnessAddress(url=url, key=known.key)
        return submit_checkpoint(
            self._client, address, checkpoint.note, old_size=old_size, proof_from=proof_from
        )


def witnessed(session: Session, policy: Policy) -> Witnessed:
    """Return how far the log is witnessed, by the cosignatures that are stored.

    They were checked before they were stored; whoever verifies checks them again.
    """
    last = _last_by_key(session, policy)
    standings = tuple(
        Standing(name=name, size=row.size if row else None, at=row.at if row else None)
        for name, row in ((name, last.get(each.key)) for name, each in policy.witnesses.items())
    )
    size, at = next(_met(session, policy, _bound(policy, standings)), (0, None))
    return Witnessed(size=size, at=at, k=policy.k, n=policy.n, witnesses=standings)


def _bound(policy: Policy, standings: tuple[Standing, ...]) -> int:
    """Return a size beyond which too few witnesses have ever cosigned to meet the quorum."""
    for size in sorted({each.size for each in standings if each.size}, reverse=True):
        if policy.met_by({each.name for each in standings if (each.size or 0) >= size}):
            return size
    return 0


def _met(session: Session, policy: Policy, until: int) -> Iterator[tuple[int, datetime]]:
    """Yield sizes for which the quorum is met and since when, the largest first."""
    names = {_identity(each.key): name for name, each in policy.witnesses.items()}
    with closing(cosigned_sizes(session, until)) as sizes:
        for size in sizes:
            present: set[str] = set()
            for row in list_cosignatures(session, size):
                name = names.get((row.name, row.key_id))
                if name is not None and policy.met_by(present := present | {name}):
                    yield size, row.at
                    break


def _last_by_key(session: Session, policy: Policy) -> dict[VerifierKey, CosignatureRow]:
    keys = {_identity(key): key for key in policy.witness_keys}
    rows = list_last_cosignatures(session, list(keys))
    return {keys[row.name, row.key_id]: row for row in rows}


def _store(
    engine: Engine, checkpoint: CheckpointRow, key: VerifierKey, answer: WitnessAnswer
) -> None:
    name, key_id = _identity(key)
    text = parse_note(checkpoint.note).text
    for line in answer.lines:
        note = Note(text=text, signatures=(parse_signature_line(line.removesuffix("\n")),))
        (cosignature,) = check_cosignatures(note, [key])
        row = CosignatureRow(
            size=checkpoint.size, name=name, key_id=key_id, line=line, at=cosignature.at
        )
        with transaction(engine) as session:
            insert_cosignature(session, row)
            publish(session, kind="ledger", subject="cosigned", payload={"size": row.size})


def _identity(key: VerifierKey) -> tuple[str, str]:
    return key.name, key.key_id.hex()
