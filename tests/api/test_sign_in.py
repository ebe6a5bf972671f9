from datetime import timedelta

import pytest

from schemas.roles import Role
from schemas.settings import Settings
from store.database import transaction
from store.sign_in import create_token, disable_account, revoke_tokens
from tests.support.running_api import PASSWORD, RunningApi

SESSION = "/api/v1/session"


def test_a_good_password_opens_a_session_that_says_who_one_is(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.client() as client:
        answer = client.post(SESSION, json={"username": "amy", "password": PASSWORD})
        assert answer.status_code == 200
        assert answer.json()["user"]["role"] == "coordinator"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert client.get(SESSION).json() == answer.json()["user"]


@pytest.mark.parametrize(("username", "password"), [("amy", "wrong"), ("nobody", PASSWORD)])
def test_wrong_name_and_wrong_password_are_answered_alike(
    api: RunningApi, username: str, password: str
) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.client() as client:
        answer = client.post(SESSION, json={"username": username, "password": password})
        assert answer.status_code == 401
        assert answer.json()["detail"] == "The user name or the password is wrong."
        assert client.get(SESSION).status_code == 401


def test_signing_out_ends_the_session_on_the_server(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as client:
        stolen = client.cookies["unbroken_session"]
        assert client.delete(SESSION).status_code == 204
        client.cookies.set("unbroken_session", stolen)
        assert client.get(SESSION).status_code == 401


def test_a_session_ends_when_it_is_not_used(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as client:
        api.clock.ahead += timedelta(minutes=Settings().session_idle_min - 1)
        assert client.get(SESSION).status_code == 200
        api.clock.ahead += timedelta(minutes=Settings().session_idle_min - 1)
        assert client.get(SESSION).status_code == 200
        api.clock.ahead += timedelta(minutes=Settings().session_idle_min + 1)
        assert client.get(SESSION).status_code == 401


def test_a_session_ends_at_last_however_much_it_is_used(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as client:
        step = timedelta(minutes=Settings().session_idle_min // 2)
        used = [client.get(SESSION).status_code]
        while used[-1] == 200 and len(used) < 10:
            api.clock.ahead += step
            used.append(client.get(SESSION).status_code)
        assert used[-1] == 401
        assert api.clock.ahead >= timedelta(minutes=Settings().session_absolute_min)


def test_a_disabled_account_is_out_at_once(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as client:
        with transaction(api.engine) as session:
            disable_account(session, "amy", api.clock())
        assert client.get(SESSION).status_code == 401
        answer = client.post(SESSION, json={"username": "amy", "password": PASSWORD})
        assert answer.status_code == 401


def test_refused_sign_ins_slow_down_their_author_only(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    api.account("bob", Role.QA)
    wrong = {"username": "amy", "password": "wrong"}
    with api.client() as client:
        answers = [client.post(SESSION, json=wrong).status_code for _ in range(6)]
        assert answers == [401] * 5 + [429]
        blocked = client.post(SESSION, json={"username": "amy", "password": PASSWORD})
        assert blocked.status_code == 429
        assert int(blocked.headers["retry-after"]) > 0
        other = client.post(SESSION, json={"username": "bob", "password": PASSWORD})
        assert other.status_code == 200
        api.clock.ahead += timedelta(minutes=16)
        again = client.post(SESSION, json={"username": "amy", "password": PASSWORD})
        assert again.status_code == 200


def test_a_token_works_until_it_is_revoked(api: RunningApi) -> None:
    with transaction(api.engine) as session:
        token = create_token(session, label="sim", role=Role.SERVICE, now=api.clock())
    assert token.startswith("ubk_")
    with api.client(token) as client:
        assert client.get(SESSION).json()["username"] == "token:sim"
        with transaction(api.engine) as session:
            assert revoke_tokens(session, "sim", api.clock()) == 1
        assert client.get(SESSION).status_code == 401


def test_a_token_works_until_it_expires(api: RunningApi) -> None:
    end = api.clock() + timedelta(hours=1)
    with transaction(api.engine) as session:
        token = create_token(
            session, label="sim", role=Role.SERVICE, now=api.clock(), expires_at=end
        )
    with api.client(token) as client:
        assert client.get(SESSION).status_code == 200
        api.clock.ahead += timedelta(hours=2)
        assert client.get(SESSION).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Unbroken-Csrf": "0"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
    ],
)
def test_what_another_sites_page_sends_with_the_cookie_changes_nothing(
    api: RunningApi, headers: dict[str, str]
) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.signed_in("amy") as client:
        body = '{"name": "Acme", "kind": "courier"}'
        content = {"Content-Type": "application/json"} | headers
        answer = client.put("/api/v1/parties/acme", content=body, headers=content)
        assert answer.status_code == 403
        assert client.get("/api/v1/parties").json() == []
        good = client.put("/api/v1/parties/acme", json={"name": "Acme", "kind": "courier"})
        assert good.status_code == 201


def test_another_sites_page_cannot_sign_anybody_in(api: RunningApi) -> None:
    api.account("amy", Role.COORDINATOR)
    with api.client() as client:
        answer = client.post(
            SESSION,
            json={"username": "amy", "password": PASSWORD},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
