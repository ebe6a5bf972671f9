"""The doctor: names each missing or unsafe piece in a sentence, with what to do about it."""

import json
from dataclasses import asdict, dataclass
from itertools import chain

from schemas.settings import Settings
from unbroken.doctor_broker import examine_broker
from unbroken.doctor_database import examine_database
from unbroken.doctor_house import current_environment, examine_house
from unbroken.finding import Finding, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All findings of one visit, in the order looked at."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stops it from working or loses data."""
        return all(finding.level is not Level.ERROR for finding in self.findings)

    def to_json(self) -> str:
        """Return one JSON object."""
        findings = [asdict(finding) for finding in self.findings]
        return json.dumps({"ok": self.ok, "findings": findings}, ensure_ascii=False, indent=2)

    def lines(self) -> list[str]:
        """Return the findings for people, what to do on a line of its own."""
        said = []
        for finding in self.findings:
            said.append(f"{finding.level.value:<8} {finding.sentence}")
            if finding.do:
                said.append(f"{'':<8} → {finding.do}")
        return said


def diagnose(settings: Settings) -> Diagnosis:
    """Look at everything these settings reach. Changes nothing but probes the broker's queue."""
    found = chain(
        examine_house(settings, current_environment()),
        examine_database(settings),
        examine_broker(settings),
    )
    return Diagnosis(findings=tuple(found))
