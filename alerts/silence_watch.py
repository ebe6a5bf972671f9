"""Tell which shipments have gone silent: per shipment, by arrival, flights not counted."""

from datetime import datetime, timedelta

import numpy as np

from alerts.judge import Judge
from alerts.known_profiles import KnownProfiles
from alerts.sentences import duration, silence_sentence
from alerts.silence import Miss, QuietWindow, missed
from schemas.instants import to_us
from schemas.profile import Profile
from schemas.profile_parts import SilenceRule
from store.alerts import Call, raise_alert, resolve_cause
from store.database import Engine, Session, transaction
from store.silences import Underway, list_unheard, planned_quiet, set_silent

_SECOND_US = 1_000_000
_JUDGE_EVERY = timedelta(minutes=1)  # coverage of a silent shipment falls slowly
_Watched = tuple[Underway, Profile, SilenceRule]


class SilenceWatch:
    """Looks at every shipment under way.

    Remembers immutable profiles, and when it had a silent shipment judged last.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._profiles = KnownProfiles()
        self._judged_at: dict[int, datetime] = {}

    def look(self, engine: Engine, *, now: datetime) -> int:
        """Raise, grow and end silence alerts, each shipment in a transaction of its own.

        Returns:
            How many shipments are silent.

        Raises:
            Exception: The first that a shipment caused, after all others had their turn.
        """
        with transaction(engine) as session:
            watched = self._watched(session, now)
            misses = [
                miss if shipment.underway else Miss.NONE
                for miss, (shipment, _, _) in zip(
                    _misses(session, watched, now), watched, strict=True
                )
            ]
        failures: list[Exception] = []
        for one, miss in zip(watched, misses, strict=True):
            try:
                self._act(engine, one, miss, now)
            except Exception as failure:  # noqa: BLE001 - raised below, after all others
                failures.append(failure)
        second = {
            w[0].shipment_id for w, m in zip(watched, misses, strict=True) if m is Miss.SECOND
        }
        self._judged_at = {key: at for key, at in self._judged_at.items() if key in second}
        if failures:
            raise failures[0]
        return sum(miss is not Miss.NONE for miss in misses)

    def _watched(self, session: Session, now: datetime) -> list[_Watched]:
        watched = []
        for shipment in list_unheard(session, since=now - self._profiles.shortest_silence()):
            profile = self._profiles.get(session, shipment.profile_sha256)
            rule = profile.silence_rule()
            if rule is not None:
                watched.append((shipment, profile, rule))
        return watched

    def _act(self, engine: Engine, watched: _Watched, miss: Miss, now: datetime) -> None:
        shipment, profile, rule = watched
        if miss != shipment.silent:
            with transaction(engine) as session:
                set_silent(session, shipment.shipment_id, int(miss))
                self._tell(session, shipment, profile, rule, miss, now)
        judged_at = self._judged_at.get(shipment.shipment_id)
        if miss is Miss.SECOND and (judged_at is None or now - judged_at >= _JUDGE_EVERY):
            self._judged_at[shipment.shipment_id] = now
            with transaction(engine) as session:
                self._judge.judge_now(session, shipment.shipment_id, now=now)

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


def _misses(session: Session, watched: list[_Watched], now: datetime) -> list[Miss]:
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
