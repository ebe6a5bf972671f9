"""What a verification found: steps, findings, and their form for machines (`docs/bundle.md`)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from custody.bundle_members import Form


class Severity(StrEnum):
    """A fault is a proof that failed; a note is something to know."""

    FAULT = "fault"
    NOTE = "note"


class Code(StrEnum):
    """Everything that a verifier may find."""

    FILE_DAMAGED = "file_damaged"
    UNREADABLE = "unreadable"
    KEY_CHAIN_BROKEN = "key_chain_broken"
    KEY_RULE_BROKEN = "key_rule_broken"
    KEY_SIGNATURE_BAD = "key_signature_bad"
    KEYS_POINTER_WRONG = "keys_pointer_wrong"
    ORDER_CHAIN_BROKEN = "order_chain_broken"
    OTHER_LOG = "other_log"
    OTHER_ORDER = "other_order"
    ORDER_OF_TIME = "order_of_time"
    NOT_INCLUDED = "not_included"
    CHECKPOINT_SIGNATURE_BAD = "checkpoint_signature_bad"
    CHECKPOINT_INCONSISTENT = "checkpoint_inconsistent"
    OTHER_LOG_KEY = "other_log_key"
    LOG_NOT_PINNED = "log_not_pinned"
    WITNESSES_NOT_PINNED = "witnesses_not_pinned"
    COSIGNATURE_BAD = "cosignature_bad"
    QUORUM_NOT_MET = "quorum_not_met"
    SIGNATURE_BAD = "signature_bad"
    KEY_NOT_VALID = "key_not_valid"
    SIGNER_DIFFERS = "signer_differs"
    KEY_SUSPECT = "key_suspect"
    RULE_BROKEN = "rule_broken"
    IN_CONFLICT = "in_conflict"
    SEAL_BROKEN = "seal_broken"
    SEAL_RULE_BROKEN = "seal_rule_broken"
    READINGS_NOT_SHOWN = "readings_not_shown"
    TIMESTAMP_BAD = "timestamp_bad"
    TIMESTAMP_NOT_CHECKED = "timestamp_not_checked"


TITLES = (
    "File",
    "Form",
    "Keys",
    "Chain",
    "Inclusion",
    "Checkpoint",
    "Witnesses",
    "People",
    "Rules",
    "Readings",
    "Timestamps",
)
"""The steps, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, in one sentence; `index` is that of the entry concerned."""

    code: Code
    severity: Severity = Severity.FAULT
    index: int | None = None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that was run, numbered from 1."""

    number: int
    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        """The step's name."""
        return TITLES[self.number - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """Who else saw this log at this size.

    Attributes:
        count: Witnesses of the policy with a good cosignature.
        quorum_met: None if the policy asks for no quorum.
        at: The latest of their times; None without any.
    """

    count: int = 0
    quorum_met: bool | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result. Where step 1 or 2 found a fault, all else is unknown: None and nought."""

    form: Form | None = None
    log: str | None = None
    order: str | None = None
    size: int | None = None
    root: bytes | None = None
    entries: int = 0
    witnessed: Witnessed = Witnessed()
    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return all(one.severity is Severity.NOTE for step in self.steps for one in step.findings)

    @property
    def agreed(self) -> list[tuple[int, str, int | None, str]]:
        """Step, code, index and severity of each finding: what all verifiers must agree on."""
        return [
            (step.number, one.code.value, one.index, one.severity.value)
            for step in self.steps
            for one in step.findings
        ]

    def to_json(self) -> str:
        """Return the result for machines, as `docs/bundle.md` describes it."""
        at = self.witnessed.at
        document: dict[str, Any] = {
            "ok": self.ok,
            "form": self.form,
            "log": self.log,
            "order": self.order,
            "size": self.size,
            "root": None if self.root is None else self.root.hex(),
            "entries": self.entries,
            "witnessed": {
                "count": self.witnessed.count,
                "quorum_met": self.witnessed.quorum_met,
                "at": None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}",
            },
            "steps": [_step_json(step) for step in self.steps],
        }
        return json.dumps(document, ensure_ascii=False, indent=2)


def step_of(number: int, findings: Iterable[Finding]) -> Step:
    """Return a step with its findings in order, each code once an index: the first stays."""
    first: dict[tuple[int, str], Finding] = {}
    for one in findings:
        first.setdefault((-1 if one.index is None else one.index, one.code.value), one)
    return Step(number=number, findings=tuple(first[key] for key in sorted(first)))


def _step_json(step: Step) -> dict[str, Any]:
    findings = [
        {
            "code": one.code,
            "severity": one.severity,
            "index": one.index,
            "sentence": one.sentence,
        }
        for one in step.findings
    ]
    return {"number": step.number, "title": step.title, "findings": findings}
