"""A shipment under way that people sign for, with its loggers' readings, and who seals them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlmodel import select

from custody.canonical import statement_hash
from custody.entry import instant_text
from custody.envelope import KEY_STATEMENT_TYPE, STATEMENT_TYPE
from custody.key_file import SigningKeyPair
from custody.keys import current_keys
from custody.ledger import append
from custody.leg_sealing import MadeSeal
from custody.reading import Recorded, entries_of_order
from custody.sealing import seal_due, signer_of
from schemas.instants import to_us
from schemas.key_statement import KeyStatement
from schemas.profile import profile_document, profile_from_document
from schemas.reading import CHANNELS, ReadingBatch
from schemas.statement import Statement
from store.chunks import Chunks
from store.database import Engine, transaction
from store.ledger import get_origin
from store.readings import insert_new
from store.tables.therapies import TherapyProfile
from tests.support.nouns import START, make_shipments
from tests.support.signed_case import Person, signed

ORDER, SHIPMENT = "A-1", "U-1"
PLANT, CLINIC = "0614141000012", "0614141000029"
MINUTE = timedelta(minutes=1)
PARTIES = {"maker": "maker", "courier": "courier", "clinic": "center"}


def _person(number: int, user: str, party: str | None, *, approver: bool = False) -> Person:
    pair = SigningKeyPair(bytes([number]) * 32)
    return Person(user=user, name=user.title(), party=party, pair=pair, approver=approver)


@dataclass
class SealCase:
    """One order with one shipment, watched by loggers LG-1 and LG-2 since START."""

    engine: Engine
    logger_ids: list[int]
    people: dict[str, Person] = field(default_factory=dict)
    said: int = 0

    @property
    def notary(self) -> Person:
        """The service itself."""
        return self.people["notary"]

    def say(self, kind: str, who: str, at: datetime, **fields: Any) -> Recorded:
        """Record a statement about the order by one person, claimed and recorded at `at`."""
        statement = self.statement(kind, who, at, **fields)
        with transaction(self.engine) as session:
            return append(session, signed(STATEMENT_TYPE, statement, [self.people[who]]), at)

    def statement(self, kind: str, who: str, at: datetime, **fields: Any) -> Statement:
        """Return a statement about the order by one person who saw its head."""
        self.said += 1
        with transaction(self.engine) as session:
            origin = get_origin(session)
            entries = entries_of_order(session, ORDER)
        last = entries[-1].recorded if entries else None
        document = {
            "log": origin,
            "id": str(UUID(int=self.said)),
            "kind": kind,
            "order": ORDER,
            "claimed_at": instant_text(at),
            "signers": [self.people[who].as_signer("signer", f"I {kind}")],
            "seen": last and {"sequence": last.order_sequence, "hash": last.entry_hash.hex()},
        }
        return Statement.model_validate(document | fields)

    def hand_over(self, giver: str, receiver: str, at: datetime, *, place: str = PLANT) -> Recorded:
        """Record an offer and its acceptance, both at `at`."""
        parties = {
            "from": PARTIES[giver], "to": PARTIES[receiver], "shipment": SHIPMENT, "place": place
        }  # fmt: skip
        offer = self.statement("offer", giver, at, **parties)
        with transaction(self.engine) as session:
            append(session, signed(STATEMENT_TYPE, offer, [self.people[giver]]), at)
        return self.say("accept", receiver, at, **parties, answers=statement_hash(offer))

    def measure(
        self,
        start: datetime,
        count: int,
        *,
        loggers: tuple[int, ...] = (0, 1),
        received_at: datetime | None = None,
        every: timedelta = MINUTE,
    ) -> None:
        """Store `count` readings of each logger, as ingest does, and what follows from them."""
        n = count * len(loggers)
        number = np.repeat(np.arange(count), len(loggers))
        time_us = to_us(start) + number * (every // timedelta(microseconds=1))
        values = np.full((n, len(CHANNELS)), np.nan)
        values[:, 0] = -170 + number / 7
        received = to_us(received_at or start)
        batch = ReadingBatch(
            logger=np.tile(np.array(loggers), count),
            time_us=time_us,
            seq=number,
            received_us=np.full(n, received),
            values=values,
        )
        Chunks(self.engine).prepare(start, start + count * every)
        with transaction(self.engine) as session:
            assert insert_new(session, batch, np.array(self.logger_ids)[batch.logger]).new.all()
            session.connection().execute(
                text("UPDATE shipment_status SET updated_at = clock_timestamp()")
            )

    def seal(self, now: datetime) -> list[MadeSeal]:
        """Seal what is due."""
        with transaction(self.engine) as session:
            signer = signer_of(session, self.notary.pair)
        return seal_due(self.engine, self.notary.pair, signer, now)

    def run(self, statement: str, **values: object) -> None:
        """Carry out SQL as whoever may do everything, triggers off."""
        with transaction(self.engine) as session:
            session.connection().execute(text("SET LOCAL session_replication_role = replica"))
            session.connection().execute(text(statement), values)


def seal_case(engine: Engine, *, founded: bool = True) -> SealCase:
    """Store a commissioned order whose shipment is under way, and enrol everybody's key."""
    fleet = make_shipments(engine, 2)
    case = SealCase(engine=engine, logger_ids=fleet.logger_ids)
    with transaction(engine) as session:
        for statement in (
            "INSERT INTO party (id, name, kind) VALUES ('courier', 'Courier', 'courier')",
            "INSERT INTO item VALUES ('G.1', 'A-1', 'g', 's', 'lot', now())",
            # Both loggers watch the first shipment.
            "UPDATE assignment SET shipment_id = (SELECT id FROM shipment WHERE code = 'U-1')",
        ):
            session.connection().execute(text(statement))
        profile = session.exec(select(TherapyProfile)).one()
        # What the therapy asks of a step is no matter here.
        asked = profile_from_document(profile.document)
        profile.document = profile_document(asked.model_copy(update={"steps": None}))
        session.add(profile)
    for number, (user, party) in enumerate(PARTIES.items(), 1):
        case.people[user] = _person(number, user, party)
    case.people["ann"] = _person(8, "ann", None, approver=True)
    case.people["ben"] = _person(9, "ben", None, approver=True)
    if founded:
        case.people["notary"] = _person(10, "notary", None)
    _found_keys(case)
    case.people.setdefault("notary", _person(10, "notary", None))
    case.say(
        "commission", "maker", START, **{"from": "maker"}, items=["G.1"], coi="0" * 64, place=PLANT
    )
    return case


def _found_keys(case: SealCase) -> None:
    people = list(case.people.values())
    with transaction(case.engine) as session:
        statement = KeyStatement.model_validate(
            {
                "log": get_origin(session),
                "id": str(UUID(int=10**6)),
                "kind": "found_keys",
                "keys": [person.as_key() for person in people],
                "claimed_at": instant_text(START),
                "signers": [person.as_signer("holder", "This is my key") for person in people],
            }
        )
        append(session, signed(KEY_STATEMENT_TYPE, statement, people), START)
        assert len(current_keys(session).keys) == len(people)
