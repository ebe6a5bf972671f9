"""The notary: signs what the log has become, and has it witnessed and timestamped.

It signs nothing that does not continue what it signed before, and then says so loudly. The order
survives a kill at any point: second place first, safely on disk; the database's row after it.
What the database lacks is put right from the second place at the next step.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from custody.checkpoint import open_checkpoint, sign_checkpoint
from custody.key_file import SigningKeyPair
from custody.log_growth import check_fits, grown
from custody.note import VerifierKey
from custody.second_place import SecondPlace, Signed, log_vkey
from custody.timestamps import Stamper
from custody.witnessing import Witnesses
from schemas.errors import ColdChainError, ConfigurationError, LedgerCorrupt, StoreUnavailable
from schemas.kill_at import reached
from store.alerts import Call, raise_alert
from store.checkpoints import (
    CheckpointRow,
    find_checkpoint,
    find_last_checkpoint,
    insert_checkpoint,
)
from store.database import Engine, transaction
from store.ledger import get_origin, read_head
from store.outbox import publish

logger = logging.getLogger(__name__)

Seal = Callable[[datetime], None]
"""Seals the readings that are due."""

_AT_STAKE = {
    "ledger": "The custody ledger cannot be signed",
    "witnesses": "A witness knows another ledger than ours",
}
"""Headlines of the steps whose failure is told to people. The others are logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When the notary acts.

    Attributes:
        every: Between checkpoints of a log that grows.
        entries: New entries after which one is signed at once.
    """

    every: timedelta
    entries: int


class Notary:
    """One log's notary. Hold the second place (`SecondPlace.claimed`) while it works."""

    def __init__(
        self,
        engine: Engine,
        place: SecondPlace,
        plan: Plan,
        *,
        witnesses: Witnesses | None = None,
        stamper: Stamper | None = None,
        seal: Seal | None = None,
    ) -> None:
        self._engine, self._place, self._plan = engine, place, plan
        self._witnesses, self._stamper, self._seal = witnesses, stamper, seal
        self._key: tuple[SigningKeyPair, VerifierKey] | None = None
        self._findings: dict[str, str] = {}

    @property
    def findings(self) -> tuple[str, ...]:
        """What is wrong now, in sentences; nothing is signed while there is a `ledger` one."""
        return tuple(self._findings.values())

    def work(self, now: datetime) -> None:
        """Do what is due: sign, ask witnesses, seal, timestamp. What fails does not stop the rest.

        Args:
            now: Aware.
        """
        last: CheckpointRow | None = None

        def sign() -> None:
            nonlocal last
            last = self.sign(now)

        self._step("ledger", sign, now)
        if last is not None and self._witnesses is not None:
            witnesses, row = self._witnesses, last
            self._step("witnesses", lambda: self._ask(witnesses, row, now), now)
        if self._seal is not None:
            seal = self._seal
            self._step("seals", lambda: seal(now), now)
        if self._stamper is not None:
            stamper = self._stamper
            self._step("timestamps", lambda: stamper.stamp_if_due(self._engine, now), now)

    def sign(self, now: datetime) -> CheckpointRow | None:
        """Sign if it is due, and return the last checkpoint as it stands in the database.

        Raises:
            LedgerCorrupt: The database does not continue what was signed; nothing is signed.
            ConfigurationError: The log's key is missing.
            StoreUnavailable: The database is away.
            OSError: The second place is away.
        """
        pair, vkey = self._open_key()
        last = self._mend(self._place.last(vkey), vkey, now)
        if not self._is_due(last, now):
            return last
        before = open_checkpoint(last.note, [vkey]) if last is not None else None
        with transaction(self._engine) as session:
            checkpoint = grown(session, before)
        reached("notary.before_signing")
        signed = Signed(checkpoint=checkpoint, note=sign_checkpoint(checkpoint, pair))
        self._place.write(signed.note)
        reached("notary.after_second_place_before_database")
        return self._record(signed, vkey, now)

    def _open_key(self) -> tuple[SigningKeyPair, VerifierKey]:
        """Return the log's key; a new one only for a log that never signed."""
        if self._key is not None:
            return self._key
        with transaction(self._engine) as session:
            origin, last = get_origin(session), find_last_checkpoint(session)
        if last is not None and not self._place.has_key():
            raise ConfigurationError(
                f"The log's key is missing from {self._place.directory}, but checkpoints were "
                "signed with it: put the directory back."
            )
        pair = self._place.load_key() if self._place.has_key() else self._place.make_key()
        self._key = pair, log_vkey(origin, pair)
        return self._key

    def _mend(
        self, signed: Signed | None, vkey: VerifierKey, now: datetime
    ) -> CheckpointRow | None:
        """Bring second place and database to the same last checkpoint, once it fits the entries."""
        self._place.mend_history()
        with transaction(self._engine) as session:
            stored = find_last_checkpoint(session)
            if signed is not None:
                check_fits(session, signed.checkpoint)
            if stored is not None and (signed is None or stored.size > signed.checkpoint.size):
                # The second place was put back, or is new. What our key signed binds us all the
                # same; what it did not is a forgery.
                signed = Signed(checkpoint=open_checkpoint(stored.note, [vkey]), note=stored.note)
                check_fits(session, signed.checkpoint)
                self._place.write(signed.note)
            row = None if signed is None else find_checkpoint(session, signed.checkpoint.size)
        if signed is None:
            return None
        if row is None:
            return self._record(signed, vkey, now)
        if row.note != signed.note:
            raise LedgerCorrupt(
                f"The database has another checkpoint of size {row.size} than the one signed."
            )
        return row

    def _is_due(self, last: CheckpointRow | None, now: datetime) -> bool:
        with transaction(self._engine) as session:
            size = read_head(session).size
        if last is None:
            return size > 0
        more = size - last.size
        waited = not last.signed_at <= now < last.signed_at + self._plan.every
        return more >= self._plan.entries or (more > 0 and waited)

    def _record(self, signed: Signed, vkey: VerifierKey, now: datetime) -> CheckpointRow:
        checkpoint = signed.checkpoint
        row = CheckpointRow(
            size=checkpoint.size,
            root=checkpoint.root,
            note=signed.note,
            vkey=vkey.to_text(),
            signed_at=now,
        )
        with transaction(self._engine) as session:
            insert_checkpoint(session, row)
            publish(session, kind="ledger", subject="signed", payload={"size": row.size})
            reached("notary.before_commit")
        reached("notary.after_commit")
        return row

    def _ask(self, witnesses: Witnesses, last: CheckpointRow, now: datetime) -> None:
        witnesses.ask(self._engine, last, now)
        if witnesses.alarm is not None:
            raise LedgerCorrupt(f"A witness knows another log than ours. {witnesses.alarm}")

    def _step(self, name: str, act: Callable[[], None], now: datetime) -> None:
        """Do one thing; a failure is logged once, and told to people if the log is at stake."""
        try:
            act()
        except (ColdChainError, OSError, httpx.HTTPError) as error:
            sentence = str(error)
            if self._findings.get(name) == sentence:
                return
            logger.error("the notary cannot do its work", extra={"step": name, "why": sentence})  # noqa: TRY400 - foreseen, no traceback
            if isinstance(error, StoreUnavailable) or self._tell(name, sentence, now):
                self._findings[name] = sentence
        else:
            if self._findings.pop(name, None) is not None:
                logger.info("the notary works again", extra={"step": name})

    def _tell(self, name: str, sentence: str, now: datetime) -> bool:
        """Open an alert about the log; False when the database is away, so that it is told later.

        It stays open until a person ends it: a log that fits again may have been put back.
        """
        if name not in _AT_STAKE:
            return True
        call = Call(
            shipment_id=None,
            kind="ledger",
            rule_id=f"notary_{name}",
            severity="critical",
            headline=_AT_STAKE[name],
            detail=sentence,
            first_step="Copy the database and the notary's directory before anything else, then "
            "run `unbroken audit`.",
        )
        try:
            with transaction(self._engine) as session:
                raise_alert(session, call, now=now)
        except StoreUnavailable:
            return False
        return True
