import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.passwords import matches
from custody.keys import current_keys
from custody.policy import parse_policy
from schemas.roles import Role
from schemas.settings import Settings
from store.database import transaction
from store.sign_in import find_account, find_token
from unbroken.demo import Demo, demo_accounts, simulator_token
from unbroken.demo_ledger import demo_ledger

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


def test_the_keys_are_founded_once_and_the_same_policy_names_the_witnesses(
    engine: Engine, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)

    first = demo_ledger(engine, settings, tmp_path, NOW)
    policy = parse_policy(first.policy.read_bytes())
    second = demo_ledger(engine, settings, tmp_path, NOW)
    again = parse_policy(second.policy.read_bytes())

    assert (policy.k, policy.n) == (2, 3)
    assert (again.log_keys, again.witness_keys) == (policy.log_keys, policy.witness_keys)
    assert [one.folder for one in second.witnesses] == [one.folder for one in first.witnesses]
    with transaction(engine) as session:
        keys = current_keys(session)
    assert keys.sequence == 1
    assert sorted(record.user for record in keys.keys.values() if record.approver) == [
        "demo-approver-1",
        "demo-approver-2",
    ]
    assert {record.user for record in keys.keys.values() if not record.approver} == {"notary"}


def test_the_demos_private_keys_are_readable_by_their_owner_only(
    engine: Engine, tmp_path: Path
) -> None:
    demo_ledger(engine, Settings(data_dir=tmp_path), tmp_path, NOW)

    keys = list(tmp_path.rglob("*.pem"))
    assert len(keys) == 2 + 2 + 3
    assert not any(key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) for key in keys)


def test_only_the_newest_token_of_the_simulator_is_good(engine: Engine) -> None:
    before = simulator_token(engine, NOW)
    after = simulator_token(engine, NOW)

    with transaction(engine) as session:
        assert find_token(session, before, NOW) is None
        identity = find_token(session, after, NOW)
    assert identity is not None
    assert identity.role is Role.SERVICE
