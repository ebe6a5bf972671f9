"""Who may do what: the only place that says so. What is not in the tables is refused.

A route that is missing here cannot be created at all (`api.admission.GuardedRoute`), and a test
walks every route of the running app. Within a route the rows are scoped to what the caller's
party and site may see (`store.scope`); out of scope looks exactly like not there.
"""

from collections.abc import Mapping

from schemas.roles import Role
from schemas.statement import StatementKind
from store.scope import Scope
from store.sign_in import Identity

R = Role

OPEN: frozenset[tuple[str, str]] = frozenset({("POST", "/api/v1/session"), ("GET", "/health")})
"""Answered without sign-in. Beside these only the dashboard's own files are."""

ANYONE = frozenset(Role)
PEOPLE = ANYONE - {R.LOGGER}
OFFICE = frozenset({R.COORDINATOR, R.CASE_MANAGER, R.QA, R.AUDITOR, R.ADMINISTRATOR, R.SERVICE})
SET_UP = frozenset({R.COORDINATOR, R.ADMINISTRATOR, R.SERVICE})
SIGNERS = PEOPLE - {R.AUDITOR, R.ADMINISTRATOR}
ALERT_ACKNOWLEDGERS = SIGNERS - {R.SERVICE}
ALERT_RESOLVERS = frozenset({R.COORDINATOR, R.CASE_MANAGER, R.PHARMACIST, R.QA})
REPLAYERS = frozenset({R.COORDINATOR, R.ADMINISTRATOR, R.QA})

_V1 = "/api/v1"

ROUTES: Mapping[tuple[str, str], frozenset[Role]] = {
    ("GET", f"{_V1}/session"): ANYONE,
    ("DELETE", f"{_V1}/session"): ANYONE,
    ("GET", f"{_V1}/openapi.json"): PEOPLE,
    ("GET", f"{_V1}/parties"): PEOPLE,
    ("GET", f"{_V1}/parties/{{party_id}}"): PEOPLE,
    ("PUT", f"{_V1}/parties/{{party_id}}"): SET_UP,
    ("GET", f"{_V1}/sites"): PEOPLE,
    ("GET", f"{_V1}/sites/{{gln}}"): PEOPLE,
    ("PUT", f"{_V1}/sites/{{gln}}"): SET_UP,
    ("GET", f"{_V1}/sites/{{gln}}/qualifications"): PEOPLE,
    ("GET", f"{_V1}/sites/{{gln}}/qualifications/{{therapy_id}}"): PEOPLE,
    ("PUT", f"{_V1}/sites/{{gln}}/qualifications/{{therapy_id}}"): SET_UP,
    ("GET", f"{_V1}/therapies"): PEOPLE,
    ("GET", f"{_V1}/therapies/{{therapy_id}}"): PEOPLE,
    ("GET", f"{_V1}/therapies/{{therapy_id}}/profile"): PEOPLE,
    ("GET", f"{_V1}/shippers"): OFFICE,
    ("GET", f"{_V1}/shippers/{{grai}}"): OFFICE,
    ("PUT", f"{_V1}/shippers/{{grai}}"): SET_UP,
    ("GET", f"{_V1}/loggers"): OFFICE,
    ("GET", f"{_V1}/loggers/{{serial}}"): OFFICE,
    ("PUT", f"{_V1}/loggers/{{serial}}"): SET_UP,
    ("GET", f"{_V1}/orders"): PEOPLE,
    ("GET", f"{_V1}/orders/{{code}}"): PEOPLE,
    ("PUT", f"{_V1}/orders/{{code}}"): SET_UP | {R.CASE_MANAGER},
    ("GET", f"{_V1}/orders/{{code}}/entries"): PEOPLE,
    ("GET", f"{_V1}/board"): PEOPLE,
    ("GET", f"{_V1}/shipments"): PEOPLE,
    ("GET", f"{_V1}/shipments/{{code}}"): PEOPLE,
    ("PUT", f"{_V1}/shipments/{{code}}"): SET_UP,
    ("GET", f"{_V1}/shipments/{{code}}/readings"): PEOPLE,
    ("GET", f"{_V1}/shipments/{{code}}/entries"): PEOPLE,
    ("GET", f"{_V1}/shipments/{{code}}/certificate"): PEOPLE,
    ("GET", f"{_V1}/orders/{{code}}/custody"): PEOPLE,
    ("GET", f"{_V1}/statements"): PEOPLE,
    ("GET", f"{_V1}/statements/{{statement_id}}"): PEOPLE,
    ("PUT", f"{_V1}/statements/{{statement_id}}"): SIGNERS,
    ("DELETE", f"{_V1}/statements/{{statement_id}}"): SIGNERS | {R.ADMINISTRATOR},
    ("GET", f"{_V1}/keys"): PEOPLE,
    ("GET", f"{_V1}/keys/head"): PEOPLE,
    ("PUT", f"{_V1}/key-statements/{{statement_id}}"): SIGNERS | {R.ADMINISTRATOR},
    ("GET", f"{_V1}/ledger"): PEOPLE,
    ("GET", f"{_V1}/ledger/checkpoint"): PEOPLE,
    ("GET", f"{_V1}/ledger/consistency"): PEOPLE,
    ("GET", f"{_V1}/ledger/entries/{{index}}/receipt"): PEOPLE,
    ("GET", f"{_V1}/orders/{{code}}/bundle"): PEOPLE,
    ("GET", f"{_V1}/alerts"): PEOPLE,
    ("POST", f"{_V1}/alerts/{{alert_id}}/acknowledgement"): ALERT_ACKNOWLEDGERS,
    ("POST", f"{_V1}/alerts/{{alert_id}}/resolution"): ALERT_RESOLVERS,
    ("GET", f"{_V1}/quarantine"): OFFICE,
    ("POST", f"{_V1}/quarantine/{{quarantine_id}}/replay"): REPLAYERS,
    ("GET", f"{_V1}/status"): PEOPLE,
    ("GET", f"{_V1}/events"): PEOPLE,
}

_K = StatementKind
_HANDOFF = frozenset({_K.OFFER, _K.ACCEPT, _K.REFUSE, _K.INSPECT, _K.CORRECT})
_TRANSPORT = frozenset({_K.DEPART, _K.ARRIVE, _K.STORE})

STATEMENTS: Mapping[Role, frozenset[StatementKind]] = {
    R.PHARMACIST: _HANDOFF
    | _TRANSPORT
    | {_K.OPEN, _K.THAW, _K.INFUSE, _K.WASTE, _K.RETURN, _K.CONDITION},
    R.COURIER: _HANDOFF | _TRANSPORT | {_K.CONDITION},
    R.MANUFACTURER: _HANDOFF
    | _TRANSPORT
    | {_K.COMMISSION, _K.PACK, _K.CONDITION, _K.RELEASE, _K.REQUALIFY, _K.WASTE}
    | {_K.TRANSFER_TITLE},
    R.COORDINATOR: _HANDOFF
    | _TRANSPORT
    | {_K.PACK, _K.CONDITION, _K.RELEASE, _K.REQUALIFY, _K.RETURN, _K.TRANSFER_TITLE},
    R.CASE_MANAGER: frozenset({_K.TRANSFER_TITLE, _K.CORRECT, _K.ERASE_IDENTITY}),
    R.QA: frozenset({_K.HOLD, _K.DISPOSITION, _K.INSPECT, _K.REQUALIFY, _K.CORRECT})
    | {_K.ERASE_IDENTITY},
    R.SERVICE: frozenset(StatementKind),
}
"""Which kinds of statement a role may make. Only QA (and programs acting for it) lift a hold."""


def may_call(role: Role, method: str, path: str) -> bool:
    """Return whether a role may call a route, by its template; unknown routes never."""
    return role in ROUTES.get((method, path), frozenset())


def may_state(role: Role, kind: StatementKind) -> bool:
    """Return whether a role may make a statement of this kind."""
    return kind in STATEMENTS.get(role, frozenset())


def scope_of(identity: Identity) -> Scope:
    """Return which shipments somebody may see: all, those of a site, those of a party, or none."""
    match identity.role:
        case role if role in OFFICE:
            return Scope(everything=True)
        case R.PHARMACIST:
            return Scope(site_gln=identity.site_gln)
        case R.COURIER | R.MANUFACTURER:
            return Scope(party_id=identity.party_id)
        case _:
            return Scope()
