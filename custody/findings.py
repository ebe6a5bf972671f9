"""What an audit reports: findings in plain words, and where the first of them is."""

import json
from dataclasses import asdict, dataclass, field, fields

from custody.audit_state import AuditState

KEPT_FINDINGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it was written.

    Attributes:
        index: Where in the log; the size of the log for what concerns the head.
        order: Code of the order, where one order is concerned.
        sentence: What is wrong, in plain words.
    """

    index: int
    order: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an audit found.

    Attributes:
        size: Entries that the head says there are.
        since: Entries that were believed, because an earlier audit had checked them.
        entries: Entries read.
        orders: Orders read.
        root: Root recomputed from the entries' bytes, hexadecimal.
        finding_count: All findings.
        first: The finding of lowest index, None when there is none.
        findings: The first hundred findings in the order in which they were met.
        note_count: All notes: nothing wrong, and somebody should know.
        notes: The first hundred of them.
        state: Where this audit ended, for the next one to go on from.
    """

    size: int
    since: int
    entries: int
    orders: int
    root: str
    finding_count: int
    first: Finding | None
    findings: tuple[Finding, ...]
    note_count: int
    notes: tuple[Finding, ...]
    state: AuditState

    @property
    def ok(self) -> bool:
        """Whether the ledger is what it was when it was written."""
        return self.finding_count == 0

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        if self.first is None:
            new = "new " if self.since else ""
            return f"{self.entries} {new}entries of {self.orders} orders are as they were recorded."
        return f"First divergence, at index {self.first.index}: {self.first.sentence}"

    def to_json(self) -> str:
        """Return the report as JSON text."""
        facts = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name != "state"
        }
        for name in ("findings", "notes"):
            facts[name] = [asdict(one) for one in facts[name]]
        facts["first"] = self.first and asdict(self.first)
        return json.dumps(
            {"ok": self.ok, "sentence": self.sentence} | facts, ensure_ascii=False, indent=2
        )


@dataclass(slots=True)
class Findings:
    """Findings as they are met: all counted, the first hundred kept, the lowest remembered."""

    count: int = 0
    first: Finding | None = None
    kept: list[Finding] = field(default_factory=list)
    note_count: int = 0
    notes: list[Finding] = field(default_factory=list)

    def add(self, index: int, order: str | None, sentence: str) -> None:
        """Take a finding."""
        finding = Finding(index=index, order=order, sentence=sentence)
        self.count += 1
        if self.first is None or index < self.first.index:
            self.first = finding
        if len(self.kept) < KEPT_FINDINGS:
            self.kept.append(finding)

    def note(self, index: int, order: str | None, sentence: str) -> None:
        """Take what is nothing wrong, and somebody should know."""
        self.note_count += 1
        if len(self.notes) < KEPT_FINDINGS:
            self.notes.append(Finding(index=index, order=order, sentence=sentence))
