from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from schemas.instants import to_us
from schemas.roles import Role
from store.board import list_shipments
from store.database import transaction
from store.judgements import NewVerdict, add_verdicts
from store.quarantine import list_replays_requested, set_aside
from store.scope import Scope
from tests.support import world
from tests.support.running_api import RunningApi
from tests.support.telemetry import every, open_alert, set_standing, shipment_id, store_readings

pytestmark = pytest.mark.store


def row(client: httpx.Client, code: str = "U-1") -> dict[str, object]:
    rows = client.get("/api/v1/board").json()["shipments"]
    found: dict[str, object] = next(one for one in rows if one["code"] == code)
    return found


def test_a_planned_shipment_shows_what_is_known_and_null_for_what_is_not(
    service: httpx.Client,
) -> None:
    world.two_shipments(service)
    shown = row(service)
    assert shown["temp_c"] is None
    assert shown["holder"] is None
    assert shown["outcome"] is None
    assert shown["severity"] == "none"
    assert shown["spark"] == []
    assert shown["eta_slack_s"] is None
    assert shown["next"] == {
        "what": "release",
        "at": "2026-11-01T08:00:00Z",
        "place": "Helix plant",
    }
    assert shown["limit_high_c"] is not None
    assert shown["origin"]["name"] == "Helix plant"  # type: ignore[index]


def test_a_spark_has_at_most_48_points_and_a_null_where_a_gap_is(
    api: RunningApi, service: httpx.Client
) -> None:
    now = datetime.now(UTC)
    world.set_up(service)
    world.put(service, "orders/A-1", world.order(1))
    body = world.shipment("A-1")
    body["loggers"] = [{"serial": "LG-1", "starts_at": world.iso(now - timedelta(days=1))}]
    world.put(service, "shipments/U-1", body)
    early = every(timedelta(minutes=5), now - timedelta(hours=13), 60)
    late = every(timedelta(minutes=5), now - timedelta(hours=3), 36)
    store_readings(api.engine, "LG-1", [*early, *late], [-150.0] * 60 + [-149.0] * 35 + [-120.0])
    spark = row(service)["spark"]
    assert isinstance(spark, list)
    assert 10 < len(spark) <= 48
    assert [point[1] for point in spark].count(None) == 1
    assert spark[-1][1] == -120.0
    assert [point[0] for point in spark] == sorted(point[0] for point in spark)


def test_the_first_readings_of_a_shipment_show_at_once(
    api: RunningApi, service: httpx.Client
) -> None:
    now = datetime.now(UTC)
    world.set_up(service)
    world.put(service, "orders/A-1", world.order(1))
    body = world.shipment("A-1")
    body["loggers"] = [{"serial": "LG-1", "starts_at": world.iso(now - timedelta(days=1))}]
    world.put(service, "shipments/U-1", body)
    assert row(service)["spark"] == []

    store_readings(api.engine, "LG-1", [now - timedelta(minutes=5)], [-150.0])

    assert row(service)["spark"] != []


@pytest.mark.parametrize(
    ("kind", "severity", "shown", "silent"),
    [
        ("limit", "critical", "critical", False),
        ("limit", "warning", "warning", False),
        ("silence", "warning", "unknown", True),
    ],
)
def test_an_alert_colours_its_shipment_and_no_other(
    api: RunningApi, service: httpx.Client, kind: str, severity: str, shown: str, silent: object
) -> None:
    world.two_shipments(service)
    open_alert(api.engine, "U-1", api.clock(), kind=kind, severity=severity)
    board = service.get("/api/v1/board").json()
    by_code = {one["code"]: one for one in board["shipments"]}
    assert (by_code["U-1"]["severity"], by_code["U-1"]["silent"]) == (shown, silent)
    assert (by_code["U-2"]["severity"], by_code["U-2"]["silent"]) == ("none", False)
    assert board["counts"]["quiet"] == 1
    assert [one["shipment"] for one in board["alerts"]] == ["U-1"]


@pytest.mark.parametrize("state", ["in_transit", "delivered"])
def test_not_knowing_once_shipped_is_not_well(
    api: RunningApi, service: httpx.Client, state: str
) -> None:
    world.two_shipments(service)
    depart(service)
    with transaction(api.engine) as session:
        session.connection().execute(
            text("UPDATE shipment SET state = :state WHERE code = 'U-1'"), {"state": state}
        )
    assert row(service)["severity"] == "unknown"
    set_standing(api.engine, "U-1", outcome="within", coverage_pct=100.0)
    assert row(service)["severity"] == "none"


@pytest.mark.parametrize(
    ("state", "certainty", "minutes", "shown"),
    [
        ("in_transit", "confirmed", None, "critical"),
        ("in_transit", "confirmed", 30, "none"),
        ("in_transit", "possible", None, "none"),
        ("delivered", "confirmed", None, "none"),
    ],
)
def test_a_running_excursion_is_not_quiet_because_its_alert_was_resolved(
    api: RunningApi,
    service: httpx.Client,
    state: str,
    certainty: str,
    minutes: int | None,
    shown: str,
) -> None:
    world.two_shipments(service)
    set_standing(api.engine, "U-1", outcome="excursion", coverage_pct=100.0)
    with transaction(api.engine) as session:
        run = session.connection().execute
        run(text("UPDATE shipment SET state = :state WHERE code = 'U-1'"), {"state": state})
        run(
            text(
                "INSERT INTO excursion (id, shipment_id, logger_id, rule_id, side, limit_c, "
                "threshold_c, accuracy_c, severity, certainty, started_at, ended_at, last_at, "
                "peak_c, duration_us, unmonitored_us, excess_mc_ms, reading_count, first_seen_at) "
                "SELECT gen_random_uuid(), s.id, l.id, 'transit-limit', 'above', -120, -120, 0.5, "
                "'critical', :certainty, :at, :ended_at, :at, -100, 0, 0, 0, 3, :at "
                "FROM shipment s, logger l WHERE s.code = 'U-1' AND l.serial = 'LG-1'"
            ),
            {
                "certainty": certainty,
                "at": world.START,
                "ended_at": world.START + timedelta(minutes=minutes) if minutes else None,
            },
        )
    alert = open_alert(api.engine, "U-1", api.clock())
    assert row(service)["severity"] == "critical"
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as amy:
        said = {"reason": "dewar-upright"}
        assert amy.post(f"/api/v1/alerts/{alert}/resolution", json=said).status_code == 200
        assert row(amy)["severity"] == shown


def test_an_acknowledged_alert_names_who_took_it_and_a_resolved_one_leaves_the_board(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    alert = open_alert(api.engine, "U-1", api.clock())
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as amy:
        url = f"/api/v1/alerts/{alert}"
        said = {"reason": "courier-called", "comment": "On the phone."}
        shown = amy.post(f"{url}/acknowledgement", json=said).json()
        assert (shown["state"], shown["acknowledged_by"]) == ("acknowledged", "amy")
        assert (shown["reason"], shown["comment"]) == ("courier-called", "On the phone.")
        assert [one["id"] for one in amy.get("/api/v1/alerts").json()] == [alert]
        assert amy.get("/api/v1/alerts?state=open").json() == []
        shown = amy.post(f"{url}/resolution", json={"reason": "dewar-upright"}).json()
        assert (shown["state"], shown["reason"]) == ("resolved", "dewar-upright")
        assert amy.get("/api/v1/board").json()["alerts"] == []
        detail = amy.get("/api/v1/shipments/U-1").json()
        assert [one["id"] for one in detail["alerts"]] == [alert]
        late = amy.post(f"{url}/acknowledgement", json=said)
        assert late.status_code == 403


def test_an_alert_out_of_scope_cannot_be_taken(
    api: RunningApi, service: httpx.Client, as_role: Callable[..., httpx.Client]
) -> None:
    world.two_shipments(service)
    alert = open_alert(api.engine, "U-2", api.clock())
    pharmacist = as_role(Role.PHARMACIST, site_gln=world.PHARMACY, party_id=world.CENTRE)
    for wanted in (alert, uuid4()):
        answer = pharmacist.post(f"/api/v1/alerts/{wanted}/resolution", json={"reason": "x"})
        assert answer.status_code == 404
    assert service.get("/api/v1/alerts?state=open").json()[0]["id"] == alert


def test_a_page_of_shipments_says_where_the_next_begins(service: httpx.Client) -> None:
    world.set_up(service)
    world.put(service, "orders/A-1", world.order(1))
    codes = [f"U-{number:03d}" for number in range(120)]
    for code in codes:
        world.put(service, f"shipments/{code}", world.shipment("A-1"))
    first = service.get("/api/v1/shipments").json()
    rest = service.get("/api/v1/shipments", params={"cursor": first["next"]}).json()
    assert [one["code"] for one in first["items"] + rest["items"]] == codes
    assert rest["next"] is None
    assert service.get("/api/v1/shipments?state=closed").json()["items"] == []


def deliver(api: RunningApi, code: str, at: datetime) -> None:
    with transaction(api.engine) as session:
        session.connection().execute(
            text("UPDATE shipment SET state = 'delivered', delivered_at = :at WHERE code = :code"),
            {"at": at, "code": code},
        )


def test_a_delivered_shipment_leaves_the_board_after_a_day_unless_something_calls(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)

    def on_board() -> list[str]:
        rows = service.get("/api/v1/board").json()["shipments"]
        listed = service.get("/api/v1/shipments").json()["items"]
        assert [one["code"] for one in listed] == [one["code"] for one in rows]
        return [one["code"] for one in rows]

    deliver(api, "U-1", api.clock() - timedelta(hours=23))
    assert on_board() == ["U-1", "U-2"]
    deliver(api, "U-1", api.clock() - timedelta(hours=25))
    assert on_board() == ["U-2"]
    history = service.get("/api/v1/shipments?state=delivered").json()
    assert [one["code"] for one in history["items"]] == ["U-1"]
    open_alert(api.engine, "U-1", api.clock())
    assert on_board() == ["U-1", "U-2"]


def test_delivered_shipments_never_push_those_under_way_off_the_board(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    deliver(api, "U-1", api.clock())
    board = service.get("/api/v1/board").json()
    assert ([one["code"] for one in board["shipments"]], board["more"]) == (["U-1", "U-2"], False)
    with transaction(api.engine) as session:
        everything = Scope(everything=True)
        found = list_shipments(session, everything, now=api.clock(), by_state=True, limit=1)
    assert [one.code for one in found] == ["U-2"]


def test_readings_come_as_columns_with_extremes_and_gaps_kept(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    first = every(timedelta(seconds=60), world.START, 2000)
    second = every(timedelta(seconds=60), first[-1] + timedelta(hours=2), 2000)
    temp_c = [-150.0 + (number % 7) / 10 for number in range(4000)]
    temp_c[1234] = -80.0
    store_readings(api.engine, "LG-1", [*first, *second], temp_c)
    answer = service.get("/api/v1/shipments/U-1/readings", params={"points": 100}).json()
    series = answer["series"][0]
    assert series["logger"] == "LG-1"
    assert series["readings"] == 4000
    assert {len(series[name]) for name in answer["columns"]} == {len(series["t"])}
    assert len(series["t"]) <= 110
    assert max(series["temp_c"]) == -80.0
    gap = [first[-1].timestamp(), second[0].timestamp()]
    assert series["gaps"] == [gap]
    assert gap in answer["gaps"]
    assert set(gap) <= set(series["t"])
    assert series["received"][0] == series["t"][0] + 1
    assert set(series["ambient_c"]) == {None}


def test_readings_of_a_span_are_those_of_the_span(api: RunningApi, service: httpx.Client) -> None:
    world.two_shipments(service)
    at = every(timedelta(seconds=60), world.START, 100)
    store_readings(api.engine, "LG-1", at, [-150.0] * 100)
    span = {"from": world.iso(at[10]), "to": world.iso(at[20])}
    series = service.get("/api/v1/shipments/U-1/readings", params=span).json()["series"][0]
    assert series["t"] == [one.timestamp() for one in at[10:20]]
    empty = {"from": world.iso(at[20]), "to": world.iso(at[10])}
    series = service.get("/api/v1/shipments/U-1/readings", params=empty).json()["series"][0]
    assert series["t"] == []


def test_a_shipments_page_shows_rules_with_their_source_and_loggers_with_their_accuracy(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    store_readings(api.engine, "LG-1", [world.START + timedelta(minutes=5)], [-150.0])
    page = service.get("/api/v1/shipments/U-1").json()
    assert page["coi_short"] == "·4F7A2"
    assert page["shipper"]["grai"] == "SHP-1"
    assert page["loggers"][0]["last_seen_at"] == "2026-11-01T08:05:00Z"
    assert [leg["number"] for leg in page["legs"]] == [1, 2]
    assert all(rule["source"] for rule in page["rules"])
    assert {"above", "below"} <= set(page["rules"][0])
    assert page["profile"]["sha256"]
    assert page["verdict"] is None


def test_a_message_in_quarantine_is_shown_and_its_replay_asked_for_once(
    api: RunningApi, service: httpx.Client, as_role: Callable[..., httpx.Client]
) -> None:
    with transaction(api.engine) as session:
        found = set_aside(
            session,
            topic="unbroken/v1/LG-1/readings",
            payload=b"\xff<script>" + b"x" * 5000,
            content_type=None,
            received_at=api.clock(),
            reason="undecodable",
            detail="not JSON",
        )
    shown = service.get("/api/v1/quarantine").json()["items"][0]
    assert shown["id"] == str(found)
    assert shown["payload_preview"].startswith("\N{REPLACEMENT CHARACTER}<script>")
    assert len(shown["payload_preview"]) == 400
    assert shown["size"] == 5009
    coordinator = as_role(Role.COORDINATOR)
    url = f"/api/v1/quarantine/{found}/replay"
    assert [coordinator.post(url).status_code for _ in range(2)] == [202, 202]
    with transaction(api.engine) as session:
        assert list_replays_requested(session) == [found]
    assert coordinator.post(f"/api/v1/quarantine/{uuid4()}/replay").status_code == 404
    assert coordinator.get("/api/v1/status").json()["quarantine_waiting"] == 1


def depart(client: httpx.Client) -> None:
    items = [world.item_id(1)]
    world.send(client, world.statement("commission", **{"from": world.MAKER, "items": items}))
    world.send(client, world.statement("release", **{"from": world.MAKER}))
    world.send(client, world.statement("depart", **{"from": world.MAKER}))


def test_a_silence_within_a_planned_flight_is_shown_as_planned(
    api: RunningApi, service: httpx.Client
) -> None:
    world.set_up(service)
    world.put(service, "orders/A-1", world.order(1))
    body = world.shipment("A-1", loggers=("LG-1",))
    body["legs"][0]["mode"] = "air"
    world.put(service, "shipments/U-1", body)
    depart(service)
    before = every(timedelta(minutes=5), world.START, 12)
    after = every(timedelta(minutes=5), world.START + timedelta(hours=8), 12)
    store_readings(api.engine, "LG-1", [*before, *after], [-150.0] * 24)
    gaps = service.get("/api/v1/shipments/U-1").json()["gaps"]
    assert [(one["from"], one["planned"]) for one in gaps] == [
        (before[-1].isoformat().replace("+00:00", "Z"), True),
        (after[-1].isoformat().replace("+00:00", "Z"), False),
    ]


def test_a_verdict_is_shown_with_the_coverage_of_now(
    api: RunningApi, service: httpx.Client
) -> None:
    world.two_shipments(service)
    depart(service)
    number = shipment_id(api.engine, "U-1")
    document: dict[str, int | str] = {"outcome": "within", "engine": "1.0"}
    with transaction(api.engine) as session:
        verdict = NewVerdict(
            shipment_id=number, version=1, document=document, as_of_us=to_us(api.clock())
        )
        add_verdicts(session, [verdict], now=api.clock())
    set_standing(
        api.engine,
        "U-1",
        outcome="within",
        verdict_version=1,
        coverage_pct=97.25,
        longest_gap_s=1200.0,
        received=10,
        expected=11,
    )
    shown = service.get("/api/v1/shipments/U-1").json()["verdict"]
    assert shown["version"] == 1
    assert shown["coverage_pct"] == 97.25
    assert "97.25 % of the time monitored, longest gap 20 min" in shown["sentence"]
