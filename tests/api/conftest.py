"""A running API on a database of its own, and people who may sign in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import Engine

from schemas.roles import Role
from tests.support.running_api import RunningApi, running_api


@pytest.fixture
def api(engine: Engine) -> Iterator[RunningApi]:
    """Return a served API, its clock in the test's hand."""
    with running_api(engine) as running:
        yield running


@pytest.fixture
def as_role(api: RunningApi) -> Iterator[Callable[..., httpx.Client]]:
    """Return what makes a client that carries a token of a role (and party, and site)."""
    with ExitStack() as stack:

        def client(
            role: Role, *, party_id: str | None = None, site_gln: str | None = None
        ) -> httpx.Client:
            token = api.token(role, party_id=party_id, site_gln=site_gln)
            return stack.enter_context(api.client(token))

        yield client


@pytest.fixture
def service(as_role: Callable[..., httpx.Client]) -> httpx.Client:
    """Return a client that may set up everything."""
    return as_role(Role.SERVICE)
