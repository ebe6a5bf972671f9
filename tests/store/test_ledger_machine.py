"""Any history, online and offline: the ledger equals a model, and every audit is green.

The model knows the few rules it needs by itself, and what a conflict is: a statement that does
not apply now, and did in a state that came after what its signer had seen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from custody import reading as ledger
from custody.audit import audit
from custody.audit_state import AuditState, parse_audit_state
from custody.canonical import statement_hash
from custody.entry import NO_ENTRY
from custody.gathering import Awaiting, take
from custody.keys import current_keys
from custody.ledger import append
from custody.reading import Recorded
from schemas.errors import CustodyConflict, Duplicate, SignatureRefused
from schemas.statement import Statement
from store.database import transaction
from tests.strategies_custody import GLNS, PARTIES, statement_of
from tests.strategies_keys import Holder, about_keys
from tests.support.bare_log import as_superuser
from tests.support.custody_case import NOW, PEOPLE, items_of, seed, shipment_of
from tests.support.signing import FOUNDERS, Person, envelope_of, founding

pytestmark = pytest.mark.pg

ORDERS = ("A-1", "A-2")
STEPS = ("offer", "accept", "refuse", "release", "depart", "arrive", "store", "inspect")
orders = st.sampled_from(ORDERS)
parties = st.sampled_from(PARTIES)
devices = st.sampled_from(["desk", "second"])
EMPTY = (
    "DELETE FROM ledger_entry",
    "DELETE FROM ledger_node",
    "DELETE FROM signing_key",
    "DELETE FROM pending_statement",
    (
        "UPDATE shipment SET state = 'planned', holder_party_id = NULL, owner_party_id = NULL, "
        "departed_at = NULL, delivered_at = NULL"
    ),
    (
        "UPDATE ledger_head SET size = 0, frontier = '', root = sha256(''), recorded_at = NULL, "
        f"keys = '\\x{NO_ENTRY.hex()}'"
    ),
)


@dataclass(frozen=True)
class Where:
    """Where an order stands, as far as the model knows: who holds it, and what is on offer."""

    holder: str | None = None
    receiver: str | None = None
    offer: str | None = None
    released: bool = False
    under_way: bool = False

    def after(self, said: Statement) -> "Where | None":
        """Return where it stands after a statement; None if that may not be said."""
        if said.kind == "commission":
            return replace(self, holder=said.from_party) if self.holder is None else None
        if self.holder is None:
            return None
        step: dict[str, Callable[[Statement], Where | None]] = {
            "offer": self._offered,
            "accept": self._answered,
            "refuse": self._answered,
            "release": self._released,
            "depart": self._departed,
            "arrive": self._arrived,
            "store": lambda one: self if one.from_party == self.holder else None,
            "inspect": lambda _: self,
        }
        return step[said.kind](said)

    def likely(self) -> list[tuple[str, str]]:
        """Return steps that may be possible here, and whose they are."""
        if self.holder is None:
            return []
        steps = ["release"] if not self.released else ["arrive" if self.under_way else "depart"]
        steps += ["store", "inspect"]
        if self.receiver is None:
            steps += ["offer", "offer"]
        found = [(step, self.holder) for step in steps]
        if self.receiver is not None:
            found += [("accept", self.receiver)] * 4 + [("refuse", self.receiver)]
        return found

    def _offered(self, said: Statement) -> "Where | None":
        if said.from_party != self.holder or said.to_party == self.holder or self.offer:
            return None
        return replace(self, receiver=said.to_party, offer=statement_hash(said))

    def _answered(self, said: Statement) -> "Where | None":
        if self.offer is None or (said.to_party, said.answers) != (self.receiver, self.offer):
            return None
        closed = replace(self, offer=None, receiver=None)
        if said.kind == "refuse":
            return closed
        return replace(closed, holder=said.to_party, under_way=False)

    def _released(self, _: Statement) -> "Where | None":
        return None if self.released else replace(self, released=True)

    def _departed(self, said: Statement) -> "Where | None":
        allowed = said.from_party == self.holder and self.released and not self.under_way
        return replace(self, under_way=True) if allowed else None

    def _arrived(self, said: Statement) -> "Where | None":
        allowed = said.from_party == self.holder and self.under_way
        return replace(self, under_way=False) if allowed else None


@dataclass
class Chain:
    """An order's entries in the model: where it stood after each, their hashes, its offers.

    `lost` are offers in conflict, by the hash of their bytes: who answers one is in conflict too.
    """

    states: list[Where] = field(default_factory=lambda: [Where()])
    hashes: list[bytes] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    lost: dict[str, bytes] = field(default_factory=dict)
    conflicts: int = 0

    def expected(self, said: Statement) -> tuple[bool, bytes | None]:
        """Return whether a statement is recorded, and what it is in conflict with."""
        if self.states[-1].after(said) is not None:
            return True, None
        seen = said.seen.sequence if said.seen else len(self.hashes)
        for number in range(len(self.hashes) - 1, seen - 1, -1):
            if self.states[number].after(said) is not None:
                return True, self.hashes[number]
        if said.kind in {"accept", "refuse"} and said.answers in self.lost:
            return True, self.lost[said.answers]
        return False, None

    def take(self, said: Statement, entry_hash: bytes, *, in_conflict: bool) -> None:
        """Add what was recorded."""
        after = self.states[-1] if in_conflict else self.states[-1].after(said)
        assert after is not None
        self.states.append(after)
        self.hashes.append(entry_hash)
        self.conflicts += in_conflict
        if said.kind == "offer":
            self.offers.append(statement_hash(said))
            if in_conflict:
                self.lost[statement_hash(said)] = entry_hash


ENDS = ("maker", "clinic")


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside its model. Each party has two devices: the desk's and the second's."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        as_superuser(self.engine, *EMPTY)
        with transaction(self.engine) as session:
            append(session, founding(*PEOPLE), NOW)
        self.chains = {order: Chain() for order in ORDERS}
        self.said: list[tuple[Statement, tuple[Person, ...], int]] = []
        self.waiting: list[tuple[Statement, tuple[Holder, Holder], Holder]] = []
        self.holders = {
            (party, device): Holder(user=f"{party}.{device}", party=party)
            for party in PARTIES
            for device in ("desk", "second")
        }
        self.revoked: set[str] = set()
        self.made, self.entries, self.state = 0, 1, AuditState()
        self.commission("A-1", "maker", 0)

    def statement(self, kind: str, order: str, people: tuple[Holder, ...], seen: int, to: str,
                  offer: int) -> Statement:  # fmt: skip
        """Return what people say who have seen the first `seen` entries of the order."""
        self.made += 1
        chain, party = self.chains[order], people[0].party
        answers = kind in {"accept", "refuse"}
        hashes = [*chain.offers, "11" * 32]
        roles = ("signer",) if len(people) == 1 else ("confirmer", "verifier")
        return statement_of(
            kind,
            id=str(UUID(int=self.made)),
            order=order,
            **{"from": None if answers else party, "to": party if answers else to},
            items=items_of(order) if kind == "commission" else [],
            shipment=shipment_of(order),
            place=GLNS[0],
            answers=hashes[-1 - offer % len(hashes)] if answers else None,
            reason="so it is",
            signers=[one.signer(role) for one, role in zip(people, roles, strict=True)],
            seen={"sequence": seen, "hash": chain.hashes[seen - 1].hex()} if seen else None,
        )

    def record(self, said: Statement, people: tuple[Holder, ...]) -> None:
        """Append a statement, and check that its fate is the model's."""
        envelope = envelope_of(said, *people)
        chain = self.chains[said.order]
        if any(one.pair.key_id in self.revoked for one in people):
            with pytest.raises(SignatureRefused), transaction(self.engine) as session:
                append(session, envelope, NOW)
            return
        recorded, against = chain.expected(said)
        if not recorded:
            with pytest.raises(CustodyConflict), transaction(self.engine) as session:
                append(session, envelope, NOW)
            return
        with transaction(self.engine) as session:
            self.check(said, people, append(session, envelope, NOW), against)

    def check(
        self, said: Statement, people: tuple[Holder, ...], got: Recorded, against: bytes | None
    ) -> None:
        """Check where a statement was recorded, and take it into the model."""
        chain = self.chains[said.order]
        assert (got.index, got.order_sequence, got.conflict_with, got.new) == (
            self.entries,
            len(chain.hashes) + 1,
            against,
            True,
        )
        chain.take(said, got.entry_hash, in_conflict=against is not None)
        self.said.append((said, people, got.index))
        self.entries += 1

    @rule(order=orders, party=parties, seen=st.integers(0, 3))
    def commission(self, order: str, party: str, seen: int) -> None:
        people = (self.holders[party, "desk"],)
        seen = min(seen, len(self.chains[order].hashes))
        self.record(self.statement("commission", order, people, seen, party, 0), people)

    @rule(data=st.data(), order=orders, device=devices)
    def say_online(self, data: st.DataObject, order: str, device: str) -> None:
        self.say(data, order, device, len(self.chains[order].hashes))

    @rule(data=st.data(), order=orders, device=devices, back=st.integers(1, 6))
    def say_offline(self, data: st.DataObject, order: str, device: str, back: int) -> None:
        self.say(data, order, device, max(0, len(self.chains[order].hashes) - back))

    @rule(data=st.data(), order=orders, device=devices)
    def say_what_fits(self, data: st.DataObject, order: str, device: str) -> None:
        for _ in range(data.draw(st.integers(1, 5))):
            self.say(data, order, device, len(self.chains[order].hashes), fitting=True)

    def say(
        self, data: st.DataObject, order: str, device: str, seen: int, *, fitting: bool = False
    ) -> None:
        kind, party = self.step(data, order, seen, fitting=fitting)
        who = self.holders[party, device]
        to, offer = data.draw(parties), 1 if fitting else data.draw(st.integers(0, 2))
        self.record(self.statement(kind, order, (who,), seen, to, offer), (who,))

    def step(self, data: st.DataObject, order: str, seen: int, *, fitting: bool) -> tuple[str, str]:
        """Return a step and who takes it, likely one that made sense in the state that was seen."""
        where = self.chains[order].states[seen]
        likely = where.likely()
        kind, party = data.draw(st.sampled_from(STEPS)), data.draw(parties)
        if likely and (fitting or data.draw(st.integers(0, 4))):
            kind, party = data.draw(st.sampled_from(likely))
        # Carriers release nothing; that is no rule of the story (tests/unit/custody/test_facts.py).
        return kind, data.draw(st.sampled_from(ENDS)) if kind == "release" else party

    @rule(data=st.data(), order=orders, swap=st.booleans(), back=st.sampled_from([0, 0, 1, 3]))
    def one_of_two_signs(self, data: st.DataObject, order: str, back: int, *, swap: bool) -> None:
        seen = max(0, len(self.chains[order].hashes) - back)
        kind, party = self.step(data, order, seen, fitting=True)
        people = (self.holders[party, "desk"], self.holders[party, "second"])
        said = self.statement(kind, order, people, seen, data.draw(parties), 1)
        first, last = reversed(people) if swap else people
        lost = any(one.pair.key_id in self.revoked for one in people)
        if lost or not self.chains[order].expected(said)[0]:
            error = SignatureRefused if lost else CustodyConflict
            with pytest.raises(error), transaction(self.engine) as session:
                take(session, envelope_of(said, first), NOW)
            return
        with transaction(self.engine) as session:
            waits = take(session, envelope_of(said, first), NOW)
        assert isinstance(waits, Awaiting)
        assert [one.user for one in waits.missing] == [last.user]
        self.waiting.append((said, people, last))

    @rule(data=st.data())
    def the_other_one_signs(self, data: st.DataObject) -> None:
        if not self.waiting:
            return
        which = data.draw(st.integers(0, len(self.waiting) - 1))
        said, people, last = self.waiting.pop(which)
        recorded, against = self.chains[said.order].expected(said)
        lost = any(one.pair.key_id in self.revoked for one in people)
        if lost or not recorded:
            error = SignatureRefused if lost else CustodyConflict
            with pytest.raises(error), transaction(self.engine) as session:
                take(session, envelope_of(said, last), NOW)
            return
        with transaction(self.engine) as session:
            got = take(session, envelope_of(said, last), NOW)
        assert isinstance(got, Recorded)
        self.check(said, people, got, against)

    @rule(party=parties, device=devices, rotate=st.booleans())
    def lose_a_key(self, party: str, device: str, *, rotate: bool) -> None:
        old = self.holders[party, device]
        if old.pair.key_id in self.revoked:
            return
        new: tuple[Holder, ...] = (old.rotated(),) if rotate else ()
        self.made += 1
        with transaction(self.engine) as session:
            said = about_keys(
                "rotate_key" if rotate else "revoke_key",
                id=str(UUID(int=self.made)),
                new=new,
                approvers=tuple(Holder(user=one.user, approver=True) for one in FOUNDERS),
                seen_in=current_keys(session),
                revokes=[old.pair.key_id],
            )
            signers = (*new, *FOUNDERS)
            assert append(session, envelope_of(said, *signers), NOW).index == self.entries
        self.entries += 1
        self.revoked.add(old.pair.key_id)
        if rotate:
            self.holders[party, device] = new[0]

    @rule(order=orders, party=parties)
    def say_having_seen_what_is_not_here(self, order: str, party: str) -> None:
        who = self.holders[party, "desk"]
        said = self.statement("inspect", order, (who,), 0, party, 0)
        sequence = len(self.chains[order].hashes) + 1
        seen = {"sequence": sequence, "hash": "ab" * 32}
        said = Statement.model_validate(said.model_dump(by_alias=True) | {"seen": seen})
        revoked = who.pair.key_id in self.revoked
        with (
            pytest.raises(SignatureRefused if revoked else CustodyConflict),
            transaction(self.engine) as session,
        ):
            append(session, envelope_of(said, who), NOW)

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if not self.said:
            return
        said, people, index = data.draw(st.sampled_from(self.said))
        with transaction(self.engine) as session:
            again = append(session, envelope_of(said, *people), NOW)
        assert (again.index, again.new) == (index, False)
        other = said.model_copy(update={"remarks": "else"})
        with pytest.raises(Duplicate), transaction(self.engine) as session:
            append(session, envelope_of(other, *people), NOW)

    @rule()
    def restart(self) -> None:
        self.engine.dispose()

    @invariant()
    def the_ledger_equals_the_model(self) -> None:
        with transaction(self.engine) as session:
            report = audit(session, since=parse_audit_state(self.state.to_text()))
            assert report.ok, report.findings
            assert (report.size, report.entries) == (self.entries, self.entries - self.state.size)
            self.state = report.state
            for order, chain in self.chains.items():
                state = ledger.custody_of(session, order)
                where = chain.states[-1]
                assert state.holder == where.holder
                assert (state.offer.statement if state.offer else None) == where.offer
                assert (state.in_transit is not None) == where.under_way
                rows = ledger.entries_of_order(session, order)
                assert sum(row.recorded.conflict_with is not None for row in rows) == (
                    chain.conflicts
                )

    def teardown(self) -> None:
        with transaction(self.engine) as session:
            full = audit(session)
        assert full.ok, full.findings
        assert full.entries == self.entries
        assert full.state == self.state


def test_any_history_leaves_a_ledger_that_equals_its_model(engine: Engine) -> None:
    seed(engine, ORDERS, keys=False)
    machine = type("Machine", (LedgerMachine,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
