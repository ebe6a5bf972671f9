import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from custody.envelope import EnvelopeView, envelope_of
from custody.key_file import load_key, new_key
from custody.ledger import read_payload
from schemas.roles import Role
from schemas.settings import Settings
from tests.support.running_api import running_api
from unbroken.cli import app
from unbroken.key_register import open_register
from unbroken.key_statements import Holder, enrolment

pytestmark = pytest.mark.pg


class Commands:
    """`unbroken keys …` on one database, in a folder of key files."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._folder = folder
        self.database_url = engine.url.render_as_string(hide_password=False)
        self._env = {
            "UNBROKEN_DATABASE_URL": self.database_url,
            "UNBROKEN_DATA_DIR": str(folder / "data"),
        }

    def __call__(self, *words: str, **env: str) -> tuple[int, str]:
        """Return exit code and output; words that end in `.pem` are files of the folder."""
        placed = [word.replace("@", f"{self._folder}/") for word in words]
        done = CliRunner().invoke(app, ["keys", *placed], env=self._env | env)
        return done.exit_code, done.output

    def new(self, *names: str) -> None:
        """Make key files."""
        for name in names:
            assert self("new", "--out", f"@{name}.pem")[0] == 0

    def found(self) -> None:
        """Found the keys with Ruth and Kit."""
        self.new("ruth", "kit")
        approvers = ("--approver", "ruth:Ruth Adeyemi:@ruth.pem", "--approver", "kit:Kit:@kit.pem")
        assert self("found", *approvers, "--notary") == (0, "Recorded at index 0.\n")


BY = ("--by", "@ruth.pem", "--by", "@kit.pem")
SAM = ("enrol", "--key", "@sam.pem", "--user", "sam", "--name", "Sam", "--party", "northway")


@pytest.fixture
def commands(engine: Engine, tmp_path: Path) -> Commands:
    return Commands(engine, tmp_path)


def test_keys_are_founded_let_in_and_let_out(commands: Commands) -> None:
    commands.found()
    commands.new("sam")

    assert commands(*SAM, *BY) == (0, "Recorded at index 1.\n")
    listed = commands("list")[1].splitlines()
    assert sorted(line.split()[1] for line in listed) == ["kit", "notary", "ruth", "sam"]
    sam = next(line.split()[0] for line in listed if " sam " in line)
    assert commands("revoke", sam, "--reason", "lost", *BY) == (0, "Recorded at index 2.\n")
    assert "enrolled at 1, revoked at 2" in commands("list")[1]


def test_the_same_is_done_over_the_api(commands: Commands, engine: Engine) -> None:
    commands.found()
    commands.new("sam")

    with running_api(engine) as api:
        token = {"UNBROKEN_TOKEN": api.token(Role.SERVICE)}
        assert commands(*SAM, *BY, "--url", api.url, **token) == (0, "Recorded at index 1.\n")
        assert "sam (Sam), northway" in commands("list", "--url", api.url, **token)[1]
        assert commands("list", "--url", api.url, UNBROKEN_TOKEN="wrong")[0] == 2


@pytest.mark.parametrize("remote", [False, True])
def test_approvers_sign_what_waits_for_them_one_after_another(
    commands: Commands, engine: Engine, tmp_path: Path, *, remote: bool
) -> None:
    commands.found()
    sam = Holder(user="sam", name="Sam", party="northway", pair=new_key())
    approvers = [
        Holder(user=user, name=name, pair=load_key(tmp_path / f"{user}.pem"))
        for user, name in (("ruth", "Ruth Adeyemi"), ("kit", "Kit"))
    ]
    now = datetime.now(UTC)
    with open_register(Settings(database_url=commands.database_url), None) as register:
        whole = enrolment(register.head(), sam.as_key(approver=False), sam, approvers, now)
        register.send(replace(whole, signatures=whole.signatures[:1]))
    name = read_payload(whole).id

    with running_api(engine) as api:
        env = {"UNBROKEN_TOKEN": api.token(Role.SERVICE)} if remote else {}
        url = ("--url", api.url) if remote else ()
        waits = "Not recorded yet: it waits for the signature of kit.\n"
        assert commands("approve", name, "--by", "@ruth.pem", *url, **env) == (0, waits)
        done = commands("approve", name, "--by", "@kit.pem", *url, **env)
    assert done == (0, "Recorded at index 1.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("found", "--approver", "ruth"), "write USER:NAME:FILE"),
        (("found", "--approver", "ruth:Ruth:@ruth.pem"), "Fewer than 2 approvers"),
        (("found", *("--approver", "ruth:Ruth:@ruth.pem") * 2), "stands here twice"),
        ((*SAM, *BY), "is not enrolled, so it cannot approve"),
        (("list", "--url", "http://127.0.0.1:9"), "UNBROKEN_TOKEN"),
        (("new", "--out", "@ruth.pem"), "never overwritten"),
        (("sign", "@nothing.json", "--key", "@ruth.pem"), "holds no statement"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    commands: Commands, words: tuple[str, ...], said: str
) -> None:
    commands.new("ruth", "kit", "sam")

    code, output = commands(*words)

    assert code == 2
    assert said in output
    assert output.count("\n") == 1


def test_a_signed_statement_is_an_envelope_on_standard_output(
    commands: Commands, tmp_path: Path
) -> None:
    commands.new("ruth")
    key_id = commands("new", "--out", "@sam.pem")[1].split()[2]
    signer = {"user": "sam", "name": "Sam", "party": None, "role": "approver", "key": key_id}
    statement = {
        "v": 1,
        "log": "unbroken/x",
        "id": "6f1d0f5e-52c4-4a52-9f6a-4c1f2b2d7a11",
        "kind": "revoke_key",
        "keys": [],
        "revokes": ["0" * 64],
        "suspect_since": None,
        "claimed_at": "2026-11-22T03:00:00.000Z",
        "signers": [signer | {"meaning": "I let it out."}],
        "seen": None,
        "reason": "lost",
    }
    (tmp_path / "statement.json").write_text(json.dumps(statement))

    code, output = commands("sign", "@statement.json", "--key", "@sam.pem")

    assert code == 0
    envelope = envelope_of(EnvelopeView.model_validate_json(output))
    assert json.loads(envelope.payload) == statement
    assert read_payload(envelope).signers[0].key == envelope.signatures[0].key_id
