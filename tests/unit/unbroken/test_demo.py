import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.passwords import matches
from schemas.roles import Role
from store.database import transaction
from store.sign_in import find_account, find_token
from unbroken.demo import Demo, demo_accounts, simulator_token

pytestmark = pytest.mark.pg

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DEMO = Demo(shipments=10, speed=30.0, seed=7, mishaps=True)


def test_every_person_has_a_demo_account_that_stays(engine: Engine, tmp_path: Path) -> None:
    first = demo_accounts(engine, tmp_path, DEMO, NOW)

    assert demo_accounts(engine, tmp_path, DEMO, NOW) == first
    assert {account.role for account in first} == set(Role) - {Role.LOGGER, Role.SERVICE}
    with transaction(engine) as session:
        for account in first:
            found = find_account(session, account.username)
            assert found is not None
            identity, password_hash = found
            assert identity.role is account.role
    assert matches(first[-1].password, password_hash)


def test_demo_passwords_are_readable_by_their_owner_only(engine: Engine, tmp_path: Path) -> None:
    demo_accounts(engine, tmp_path, DEMO, NOW)

    (file,) = tmp_path.iterdir()
    assert not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def test_only_the_newest_token_of_the_simulator_is_good(engine: Engine) -> None:
    before = simulator_token(engine, NOW)
    after = simulator_token(engine, NOW)

    with transaction(engine) as session:
        assert find_token(session, before, NOW) is None
        identity = find_token(session, after, NOW)
    assert identity is not None
    assert identity.role is Role.SERVICE
