"""What endpoints ask for, by type: `SessionDep`, `CallerDep`, `ScopeDep`, `NowDep`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.admission import House, house_of
from api.rights import scope_of
from api.sparks import Sparks
from store.database import Session, transaction
from store.scope import Scope
from store.sign_in import Identity


def _open_session(request: Request) -> Iterator[Session]:
    with transaction(house_of(request).engine) as session:
        yield session


def _caller(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


def _scope(request: Request) -> Scope:
    return scope_of(_caller(request))


def _sparks(request: Request) -> Sparks:
    return house_of(request).sparks


def _now(request: Request) -> datetime:
    return house_of(request).clock()


# scope="function" commits before the answer leaves. FastAPI's default commits after it: a client
# would read 201 for something that a failing commit then takes back.
SessionDep = Annotated[Session, Depends(_open_session, scope="function")]
CallerDep = Annotated[Identity, Depends(_caller)]
ScopeDep = Annotated[Scope, Depends(_scope)]
NowDep = Annotated[datetime, Depends(_now)]
SparksDep = Annotated[Sparks, Depends(_sparks)]
HouseDep = Annotated[House, Depends(house_of)]
