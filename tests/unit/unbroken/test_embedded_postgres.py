import psycopg
import pytest

from tests.support.postgres import crash, scratch_dir
from unbroken.embedded_postgres import embedded_postgres

pytestmark = pytest.mark.pg


def test_what_was_committed_survives_a_kill_of_everything() -> None:
    with scratch_dir() as directory, embedded_postgres(directory / "postgres") as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            for n in range(200):
                connection.execute("INSERT INTO kept VALUES (%s)", [n])
        crash(server)
        assert not server.running

        server.start()

        with psycopg.connect(server.dsn) as connection:
            kept = connection.execute("SELECT n FROM kept ORDER BY n").fetchall()
        assert kept == [(n,) for n in range(200)]
