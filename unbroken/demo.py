"""What a demo needs beside the product: one account a role, and a fleet to watch."""

import json
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from schemas.errors import Duplicate
from schemas.roles import Role
from simulator.fleet import first_slots
from simulator.places import load_atlas
from simulator.planning import plan_shipment
from store.database import Engine, transaction
from store.nouns import put
from store.sign_in import create_token, find_account, revoke_tokens
from store.tables.parties import Party, Site
from unbroken.accounts import add_account, new_password
from unbroken.data_dir import write_private

_FILE = "demo-accounts.json"
_SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What is simulated.

    Attributes:
        shipments: How many are under way at a time.
        speed: World seconds in a real second.
        seed: The same seed makes the same fleet.
        mishaps: Whether things go wrong.
    """

    shipments: int
    speed: float
    seed: int
    mishaps: bool

    def arguments(self) -> list[str]:
        """Return the same as arguments of `unbroken simulate`."""
        numbers = ["--shipments", str(self.shipments), "--speed", str(self.speed)]
        return [*numbers, "--seed", str(self.seed), "--mishaps" if self.mishaps else "--no-mishaps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """A person to sign in as. The password is stored in the data directory, readable by you."""

    role: Role
    username: str
    display_name: str
    password: str
    party_id: str | None = None
    site_gln: str | None = None


def simulator_token(engine: Engine, now: datetime) -> str:
    """Return a new token for the simulator; those of earlier runs end."""
    with transaction(engine) as session:
        revoke_tokens(session, _SIMULATOR, now)
        return create_token(session, label=_SIMULATOR, role=Role.SERVICE, now=now)


def demo_accounts(engine: Engine, place: Path, demo: Demo, now: datetime) -> list[DemoAccount]:
    """Return one account a role, the same at every start; made at the first."""
    file = place / _FILE
    if file.exists():
        stored = json.loads(file.read_text(encoding="utf-8"))
        accounts = [DemoAccount(**{**one, "role": Role(one["role"])}) for one in stored]
    else:
        accounts = _invent(demo)
        write_private(file, json.dumps([asdict(account) for account in accounts], indent=1))
    _store_places(engine, accounts)
    for account in accounts:
        _store_account(engine, account, now)
    return accounts


def _store_account(engine: Engine, account: DemoAccount, now: datetime) -> None:
    with transaction(engine) as session:
        if find_account(session, account.username) is not None:
            return  # from an earlier start; hashing its password again would take long
    with suppress(Duplicate):  # disabled meanwhile
        add_account(engine, now=now, **asdict(account))


def _busiest_pharmacy(demo: Demo) -> str:
    """Return the GLN of the pharmacy that most of the first fleet travels to."""
    atlas = load_atlas()
    slots = first_slots(
        demo.seed,
        demo.shipments,
        first_ordinal=1,
        at_s=0.0,
        speed=demo.speed,
        mishaps=demo.mishaps,
    )
    plans = [plan_shipment(demo.seed, slot, atlas) for slot in slots]
    return Counter(plan.lane.destination.gln for plan in plans).most_common(1)[0][0]


def _invent(demo: Demo) -> list[DemoAccount]:
    atlas = load_atlas()
    pharmacy = atlas.site(_busiest_pharmacy(demo))
    specialty = atlas.parties_of("specialty_pharmacy")[0].id
    maker = atlas.parties_of("manufacturer")[0].id
    courier = atlas.parties_of("courier")[0].id
    people = (
        (Role.COORDINATOR, "Avery Lindqvist", specialty, None),
        (Role.CASE_MANAGER, "Noor Haddad", specialty, None),
        (Role.PHARMACIST, "Mika Okafor", pharmacy.party_id, pharmacy.gln),
        (Role.COURIER, "Sam Ferreira", courier, None),
        (Role.MANUFACTURER, "Ines Varga", maker, None),
        (Role.QA, "Tomas Reyes", specialty, None),
        (Role.AUDITOR, "Ruth Adeyemi", None, None),
        (Role.ADMINISTRATOR, "Kit Bauer", None, None),
    )
    return [
        DemoAccount(
            role=role,
            username=role.value,
            display_name=name,
            password=new_password(),
            party_id=party_id,
            site_gln=site_gln,
        )
        for role, name, party_id, site_gln in people
    ]


def _store_places(engine: Engine, accounts: list[DemoAccount]) -> None:
    """Store the parties and sites that the accounts belong to, as the simulator will."""
    atlas = load_atlas()
    with transaction(engine) as session:
        for party_id in sorted({a.party_id for a in accounts if a.party_id is not None}):
            party = atlas.party(party_id)
            put(session, Party(id=party.id, name=party.name, kind=party.kind))
        for site_gln in sorted({a.site_gln for a in accounts if a.site_gln is not None}):
            site = atlas.site(site_gln)
            put(
                session,
                Site(
                    gln=site.gln,
                    name=site.name,
                    role=site.role,
                    party_id=site.party_id,
                    lat=site.position.lat,
                    lon=site.position.lon,
                    time_zone=site.time_zone,
                ),
            )
