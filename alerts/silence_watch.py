"""Tell which shipments have gone silent: per shipment, by arrival, flights not counted."""

from datetime import datetime

import numpy as np

from alerts.judge import Judge
from alerts.known_profiles import KnownProfiles
from alerts.sentences import duration, silence_sentence
from alerts.silence import Miss, QuietWindow, missed
from schemas.instants import to_us
from schemas.profile import Profile
from schemas.profile_parts import SilenceRule
from store.alerts import Call, raise_alert, resolve_cause
from store.database import Session
from store.silences import Underway, list_unheard, planned_quiet, set_silent

_SECOND_US = 1_000_000


class SilenceWatch:
    """Looks at every shipment under way; remembers nothing but immutable profiles."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._profiles = KnownProfiles()

    def look(self, session: Session, *, now: datetime) -> int:
        """Raise, grow and end silence alerts; return how many shipments are silent."""
        watched: list[tuple[Underway, Profile, SilenceRule]] = []
        for shipment in list_unheard(session, since=now - self._profiles.shortest_silence()):
            profile = self._profiles.get(session, shipment.profile_sha256)
            rule = profile.silence_rule()
            if rule is not None:
                watched.append((shipment, profile, rule))
        misses = [
            miss if shipment.underway else Miss.NONE
            for miss, (shipment, _, _) in zip(_misses(session, watched, now), watched, strict=True)
        ]
        for (shipment, profile, rule), miss in zip(watched, misses, strict=True):
            if miss != shipment.silent:
                set_silent(session, shipment.shipment_id, int(miss))
                self._tell(session, shipment, profile, rule, miss, now)
            if miss is Miss.SECOND:
                self._judge.judge_now(session, shipment.shipment_id, now=now)
        return sum(miss is not Miss.NONE for miss in misses)

    def _tell(
        self,
        session: Session,
        shipment: Underway,
        profile: Profile,
        rule: SilenceRule,
        miss: Miss,
        now: datetime,
    ) -> None:
        if miss is Miss.NONE:
            resolve_cause(
                session,
                shipment_id=shipment.shipment_id,
                kind="silence",
                rule_id=rule.id,
                reason="The logger was heard again." if shipment.underway else "It has arrived.",
                now=now,
            )
            return
        silent_us = to_us(now) - to_us(shipment.heard_at)
        expected_us = rule.expected_s * _SECOND_US
        call = Call(
            shipment_id=shipment.shipment_id,
            kind="silence",
            rule_id=rule.id,
            severity=rule.severity.value if miss is Miss.SECOND else "warning",
            headline=f"Silent for {duration(silent_us)}, expected every {duration(expected_us)}",
            detail=f"{shipment.code} · {profile.name}. "
            + silence_sentence(miss=miss, silent_us=silent_us, expected_us=expected_us),
            first_step=profile.playbook["silence"].first_step,
        )
        raise_alert(session, call, now=now)


def _misses(
    session: Session, watched: list[tuple[Underway, Profile, SilenceRule]], now: datetime
) -> list[Miss]:
    place = {shipment.shipment_id: row for row, (shipment, _, _) in enumerate(watched)}
    quiet = [
        QuietWindow(series=place[shipment_id], from_us=to_us(start), to_us=to_us(end))
        for shipment_id, start, end in planned_quiet(session)
        if shipment_id in place
    ]
    found = missed(
        heard_us=np.array([to_us(s.heard_at) for s, _, _ in watched], dtype=np.int64),
        expected_us=np.array([r.expected_s * _SECOND_US for _, _, r in watched], dtype=np.int64),
        grace_us=np.array([r.grace_s * _SECOND_US for _, _, r in watched], dtype=np.int64),
        quiet=quiet,
        now_us=to_us(now),
    )
    return [Miss(value) for value in found.tolist()]
