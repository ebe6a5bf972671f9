"""Any history of offers, repeats and restarts: the ledger equals a model, the audit is green."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, text

from custody import ledger
from custody.audit import audit
from schemas.errors import CustodyConflict, Duplicate
from schemas.statement import Statement
from store.database import transaction
from tests.strategies_custody import GLNS, PARTIES, statement_of
from tests.support.custody_case import items_of, record, seed, shipment_of

pytestmark = pytest.mark.pg

ORDERS = ("A-1", "A-2")
orders = st.sampled_from(ORDERS)
parties = st.sampled_from(PARTIES)


class Model:
    """What should be in the ledger: statements in order, and who holds what."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.holder: dict[str, str] = {}
        self.offered: dict[str, str] = {}
        self.released: set[str] = set()
        self.under_way: set[str] = set()


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside its model."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.made = 0
        with transaction(self.engine) as session:
            session.connection().execute(text("SET LOCAL session_replication_role = replica"))
            session.connection().execute(text("DELETE FROM ledger_entry"))
            session.connection().execute(
                text(
                    "UPDATE shipment SET state = 'planned', holder_party_id = NULL, "
                    "owner_party_id = NULL, departed_at = NULL, delivered_at = NULL"
                )
            )
            session.connection().execute(
                text(
                    "UPDATE ledger_head SET size = 0, frontier = '', root = sha256(''), "
                    "recorded_at = NULL"
                )
            )

    def say(self, kind: str, order: str, *, allowed: bool, **fields: object) -> bool:
        """Record a statement and check that it is taken exactly when the model allows it."""
        self.made += 1
        statement = statement_of(kind, id=str(UUID(int=self.made)), order=order, **fields)
        try:
            record(self.engine, statement)
        except CustodyConflict:
            assert not allowed, f"{statement} was refused"
            return False
        assert allowed, f"{statement} was taken"
        self.model.statements.append(statement)
        return True

    @rule(order=orders, party=parties)
    def commission(self, order: str, party: str) -> None:
        allowed = order not in self.model.holder
        if self.say("commission", order, allowed=allowed, items=items_of(order), **{"from": party}):
            self.model.holder[order] = party

    @rule(order=orders, giver=parties, receiver=parties, fitting=st.booleans())
    def offer(self, order: str, giver: str, receiver: str, *, fitting: bool) -> None:
        model = self.model
        giver = model.holder.get(order, giver) if fitting else giver
        allowed = model.holder.get(order) == giver != receiver and order not in model.offered
        if self.say("offer", order, allowed=allowed, **{"from": giver, "to": receiver}):
            model.offered[order] = receiver

    @rule(
        order=orders,
        party=parties,
        fitting=st.booleans(),
        kind=st.sampled_from(["accept", "refuse"]),
    )
    def answer(self, order: str, party: str, *, fitting: bool, kind: str) -> None:
        model = self.model
        party = model.offered.get(order, party) if fitting else party
        allowed = order in model.offered and model.offered[order] == party
        if self.say(kind, order, allowed=allowed, to=party, reason="seen"):
            del model.offered[order]
            if kind == "accept":
                model.holder[order] = party
                model.under_way.discard(order)

    @rule(order=orders)
    def release(self, order: str) -> None:
        model = self.model
        allowed = order in model.holder and order not in model.released
        if self.say("release", order, allowed=allowed, shipment=shipment_of(order)):
            model.released.add(order)

    @rule(order=orders)
    def depart(self, order: str) -> None:
        model = self.model
        giver = model.holder.get(order, PARTIES[0])
        allowed = order in model.released - model.under_way
        fields = {"from": giver, "shipment": shipment_of(order)}
        if self.say("depart", order, allowed=allowed, **fields):
            model.under_way.add(order)

    @rule(order=orders)
    def seal(self, order: str) -> None:
        self.say("seal_readings", order, allowed=True, shipment=shipment_of(order))

    @rule(order=orders)
    def inspect(self, order: str) -> None:
        self.say("inspect", order, allowed=order in self.model.holder, place=GLNS[0])

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if not self.model.statements:
            return
        index = data.draw(st.integers(0, len(self.model.statements) - 1))
        (again,) = record(self.engine, self.model.statements[index])
        assert (again.index, again.new) == (index, False)

    @rule(data=st.data())
    def repeat_with_other_contents(self, data: st.DataObject) -> None:
        if not self.model.statements:
            return
        known = data.draw(st.sampled_from(self.model.statements))
        with pytest.raises(Duplicate):
            record(self.engine, known.model_copy(update={"remarks": "else"}))

    @rule()
    def restart(self) -> None:
        self.engine.dispose()

    @invariant()
    def the_ledger_equals_the_model(self) -> None:
        with transaction(self.engine) as session:
            report = audit(session)
            assert report.ok, report.sentence
            assert report.entries == len(self.model.statements)
            for order in ORDERS:
                state = ledger.custody_of(session, order)
                assert state.holder == self.model.holder.get(order)
                assert (state.offer.receiver if state.offer else None) == (
                    self.model.offered.get(order)
                )


def test_any_history_leaves_a_ledger_that_equals_its_model(engine: Engine) -> None:
    seed(engine, ORDERS)
    machine = type("Machine", (LedgerMachine,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
