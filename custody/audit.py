"""The auditor that ships with the ledger: reads every byte again and believes no column.

Neither of the ledger's own tables, nor of the shipments, which say who holds and owns what. Proofs
alone are not enough: a log may prove that it grew while its entries rot (docs/ledger.md).
"""

from collections.abc import Iterator
from itertools import groupby

from custody.audit_checkpoints import CheckpointCheck, Trust, check_cosigned
from custody.audit_keys import check_believed, check_register, follow_keys
from custody.audit_log import LogCheck
from custody.audit_orders import OrderCheck, check_identity, check_shipments
from custody.audit_state import AuditState
from custody.course import Step
from custody.entry import KEYS_CHAIN
from custody.findings import AuditReport, Findings
from custody.seal_audit import check_seals
from schemas.errors import LedgerCorrupt
from store.checkpoints import CheckpointRow, list_checkpoints, list_cosignatures
from store.custody_facts import find_identities
from store.database import Session
from store.ledger import HeadRow, get_origin, list_entries_of_order
from store.ledger_nodes import stream_nodes
from store.ledger_stream import (
    find_stray_cosignature,
    read_extent,
    stream_by_index,
    stream_by_order,
)
from store.possession import ShipmentFacts, list_facts_of_orders, stream_facts_without_entries
from store.signing_keys import list_keys

_ORDERS_AT_ONCE = 200
_STEPS_AT_ONCE = 5_000
_NOTHING = HeadRow(size=0, frontier=b"", root=b"", recorded_at=None, keys=b"")


def audit(
    session: Session, trust: Trust | None = None, since: AuditState | None = None
) -> AuditReport:
    """Re-read the ledger and report where it is not what was recorded and signed.

    Entries appended while it runs are not looked at. Needs memory for one order's entries, the
    keys and a few hundred rows, whatever the size of the log.

    Args:
        session: The transaction.
        trust: Keys and heads from outside of the database.
        since: Where an earlier audit ended: entries before are believed, and only orders that grew
            are replayed. None reads everything, sealed readings too.
    """
    findings, trust, start = Findings(), trust or Trust(), since or AuditState()
    try:
        origin = get_origin(session)
        head, beyond = read_extent(session)
    except LedgerCorrupt as error:
        findings.add(0, None, str(error))
        origin, head, beyond = "", _NOTHING, None
    log = _check_log(session, findings, trust, start, head, origin)
    if beyond is not None:
        findings.add(beyond, None, f"Entry {beyond} lies beyond the log's end at {head.size}.")
    orders = _check_orders(session, findings, start.size, head.size)
    if since is None:
        for shipment in stream_facts_without_entries(session):
            check_shipments([shipment], [], findings, beyond=head.size)
        for note in check_seals(session, head.size, findings):
            findings.note(note.index, note.order, note.sentence)
    return AuditReport(
        size=head.size,
        since=start.size,
        entries=log.frontier.size - start.size,
        orders=orders,
        root=log.frontier.root().hex(),
        finding_count=findings.count,
        first=findings.first,
        findings=tuple(findings.kept),
        note_count=findings.note_count,
        notes=tuple(findings.notes),
        state=log.state,
    )


def _check_log(
    session: Session,
    findings: Findings,
    trust: Trust,
    start: AuditState,
    head: HeadRow,
    origin: str,
) -> LogCheck:
    """Check the entries by index, with keys, signatures and checkpoints."""
    about_keys = [
        row for row in list_entries_of_order(session, KEYS_CHAIN) if row.index < head.size
    ]
    keys = follow_keys(about_keys, findings)
    check_believed(about_keys, start, findings)
    check_register(keys, list_keys(session), findings)
    checkpoints = _checkpoints(session, findings, trust, start.size)
    signed = CheckpointCheck(findings, trust, checkpoints, origin)
    nodes = stream_nodes(session, head.size, first=start.size)
    log = LogCheck(findings, origin=origin, keys=keys, nodes=nodes, since=start)
    signed.pass_by(log.frontier)
    for entry in stream_by_index(session, head.size, first=start.size):
        log.check(entry)
        signed.pass_by(log.frontier)
    log.check_head(head)
    signed.end(log.frontier.size)
    return log


def _checkpoints(
    session: Session, findings: Findings, trust: Trust, first: int
) -> Iterator[CheckpointRow]:
    """Yield the checkpoints of `first` entries or more, their cosignatures checked."""
    after = first - 1
    while page := list_checkpoints(session, after=after):
        for row in page:
            cosignatures = list_cosignatures(session, row.size)
            check_cosigned(cosignatures, row.note, trust, row.size, findings)
            yield row
        after = page[-1].size
    if (stray := find_stray_cosignature(session, first)) is not None:
        findings.add(
            max(stray - 1, 0), None, f"There is a cosignature of size {stray}, and no checkpoint."
        )


def _check_orders(session: Session, findings: Findings, first: int, size: int) -> int:
    """Check the orders that have entries from `first` on; return how many there are."""
    orders, told = 0, _Told(session, findings, size)
    by_order = groupby(stream_by_order(session, size, first=first), key=lambda row: row.order_code)
    for order, rows in by_order:
        check = OrderCheck(order, findings)
        check.check(rows)
        if order and check.steps is not None:
            told.add(order, check.steps)
        orders += bool(order)
    told.compare()
    return orders


class _Told:
    """Orders whose entries were followed, until their rows are compared, many in one query."""

    def __init__(self, session: Session, findings: Findings, size: int) -> None:
        self._session, self._findings, self._size = session, findings, size
        self._steps: dict[str, list[Step]] = {}
        self._count = 0

    def add(self, order: str, steps: list[Step]) -> None:
        """Take an order; memory stays flat, as so many are compared as soon as they are there."""
        self._steps[order] = steps
        self._count += len(steps)
        if len(self._steps) >= _ORDERS_AT_ONCE or self._count >= _STEPS_AT_ONCE:
            self.compare()

    def compare(self) -> None:
        """Compare the rows of the orders at hand with what their entries lead to."""
        codes = list(self._steps)
        shipments: dict[str, list[ShipmentFacts]] = {code: [] for code in codes}
        for each in list_facts_of_orders(self._session, codes, self._size):
            shipments[each.order_code].append(each)
        identities = find_identities(self._session, codes, self._size)
        for order, steps in self._steps.items():
            check_shipments(shipments[order], steps, self._findings)
            if order in identities:
                check_identity(steps, order, identities[order], self._findings)
        self._steps, self._count = {}, 0
