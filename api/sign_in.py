"""Sign in, who am I, sign out."""

from fastapi import Request, Response

from api.admission import COOKIE, House, check_same_site, guarded_router
from api.attempts import WINDOW, check_attempts
from api.dependencies import CallerDep, HouseDep, SessionDep
from api.models.sign_in import Credentials, SignedIn, User
from api.passwords import matches
from schemas.errors import NotSignedIn
from store.database import transaction
from store.sign_in import Identity, end_session, find_account, start_session
from store.sign_in_failures import forget_failures, record_failure

router = guarded_router("sign-in")


@router.post("/session")
def sign_in(
    credentials: Credentials, request: Request, response: Response, house: HouseDep
) -> SignedIn:
    """Sign in with a password; the answer sets the session cookie."""
    check_same_site(request)
    address = request.client.host if request.client else "unknown"
    identity, token = _begin(house, credentials, address)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(house.terms.at_most.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return SignedIn(user=User.model_validate(identity))


def _begin(house: House, credentials: Credentials, address: str) -> tuple[Identity, str]:
    """Check the password in no transaction: it takes long, and its refusal must be kept."""
    account, now = credentials.username.casefold(), house.clock()
    with transaction(house.engine) as session:
        check_attempts(session, account=account, address=address, now=now)
        found = find_account(session, credentials.username)
    good = matches(credentials.password, found[1] if found else None)
    with transaction(house.engine) as session:
        if good and found is not None:
            forget_failures(session, account=account, address=address, before=now - WINDOW)
            return found[0], start_session(session, found[0].username, now)
        record_failure(session, account=account, address=address, now=now)
    message = "The user name or the password is wrong."
    raise NotSignedIn(message)


@router.get("/session")
def who_am_i(caller: CallerDep) -> User:
    """Return who is signed in."""
    return User.model_validate(caller)


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, session: SessionDep) -> None:
    """End this sign-in, here and on the server."""
    end_session(session, request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
