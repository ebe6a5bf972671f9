import os
from pathlib import Path

import psycopg
import pytest

from schemas.errors import ConfigurationError
from tests.support.postgres import crash, remove_cluster, scratch_dir
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


def test_the_second_start_finds_what_the_first_left() -> None:
    with scratch_dir() as directory:
        for expected in (1, 2):
            with (
                embedded_postgres(directory / "postgres") as server,
                psycopg.connect(server.dsn) as connection,
            ):
                connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz)")
                connection.execute("INSERT INTO starts VALUES (now())")
                count = connection.execute("SELECT count(*) FROM starts").fetchone()
            assert count == (expected,)


def test_it_keeps_its_promises_of_durability() -> None:
    with (
        scratch_dir() as directory,
        embedded_postgres(directory / "postgres") as server,
        psycopg.connect(server.dsn) as connection,
    ):
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            value = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
            assert value == ("on",), setting


def test_a_directory_of_another_version_is_refused_in_a_sentence() -> None:
    with scratch_dir() as directory:
        data = directory / "postgres"
        data.mkdir()
        (data / "PG_VERSION").write_text("15\n")

        with (
            pytest.raises(ConfigurationError, match="made by PostgreSQL 15, this is PostgreSQL 18"),
            embedded_postgres(data),
        ):
            pass


def test_a_start_cut_short_is_begun_again() -> None:
    with scratch_dir() as directory:
        unfinished = directory / "postgres.unfinished"
        unfinished.mkdir()
        (unfinished / "PG_VERSION").write_text("18\n")

        with embedded_postgres(directory / "postgres") as server:
            assert server.running
        assert not unfinished.exists()


def test_a_lock_whose_process_id_went_to_somebody_else_does_not_stop_it() -> None:
    with scratch_dir() as directory:
        with embedded_postgres(directory / "postgres") as server:
            data_dir = server.data_dir
        (data_dir / "postmaster.pid").write_text(f"{os.getpid()}\n{data_dir}\n1\n5432\n\n\n\n")

        with embedded_postgres(directory / "postgres") as server:
            assert server.running


def test_root_gives_its_private_directories_away_to_nobody(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with embedded_postgres(tmp_path / "postgres", durable=False) as server:
        where = server.data_dir
        assert server.running
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        assert (tmp_path / "postgres").is_symlink()
        remove_cluster(where)
