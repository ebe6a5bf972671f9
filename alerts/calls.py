"""Which excursion a shipment's alert is about, and when an alert ends by itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from alerts.findings import Certainty, Excursion
from alerts.notices import call_for
from alerts.standing import excursion_of
from schemas.profile import Profile
from store.alerts import raise_alert, resolve_withdrawn
from store.database import Session
from store.judgements import standing_excursions
from store.watches import Watch

Found = tuple[Excursion, int]
"""An excursion and the index of its watch."""


class Calls:
    """Calls for a human, of shipments under lock."""

    def __init__(
        self,
        session: Session,
        watches: Sequence[Watch],
        profiles: Sequence[Profile],
        *,
        now: datetime,
    ) -> None:
        """Prepare.

        Args:
            session: The transaction.
            watches: All watches of the shipments.
            profiles: The profile of each watch.
            now: When this is judged.
        """
        self._session, self._watches, self._profiles = session, watches, profiles
        self._now = now

    def raise_for(self, found: Sequence[Found], *, doubted: Sequence[int]) -> None:
        """Raise the worst excursion of each rule and shipment; the later one of equals.

        One that somebody has settled makes way for the next.

        Args:
            found: Excursions that opened, grew or ended.
            doubted: Shipments of which excursions were withdrawn. An alert may have been about one
                of those, and another excursion call for it still; if none does, it ends.
        """
        raised: set[tuple[int, str]] = set()
        for excursion, series in sorted(
            [*found, *self._standing(doubted)], key=lambda one: _rank(one[0]), reverse=True
        ):
            watch, profile = self._watches[series], self._profiles[series]
            key = (watch.shipment_id, excursion.rule_id)
            if key in raised:
                continue
            call = call_for(excursion, watch, profile, now=self._now)
            if raise_alert(self._session, call, now=self._now) is not None:
                raised.add(key)
        for shipment_id in doubted:
            resolve_withdrawn(self._session, shipment_id=shipment_id, now=self._now)

    def _standing(self, shipment_ids: Sequence[int]) -> Iterator[Found]:
        places = {(w.shipment_id, w.logger_id): place for place, w in enumerate(self._watches)}
        for shipment_id in shipment_ids:
            for row in standing_excursions(self._session, shipment_id):
                series = places[shipment_id, row.logger_id]
                yield excursion_of(row, self._watches[series]), series


def _rank(excursion: Excursion) -> tuple[bool, int]:
    return excursion.certainty is Certainty.CONFIRMED, excursion.last_us
