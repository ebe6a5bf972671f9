import os
import stat
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from unbroken.data_dir import Running, announce, claimed, find_running, write_private

RUNNING = Running(pid=4711, database_url="postgresql://x", api_url="http://127.0.0.1:1")


def test_a_data_directory_has_one_owner_at_a_time(tmp_path: Path) -> None:
    with claimed(tmp_path) as place:
        announce(place, RUNNING)
        with pytest.raises(ConfigurationError, match=r"process 4711, at http://127\.0\.0\.1:1"):
            claimed(tmp_path).__enter__()


def test_what_runs_is_found_only_while_it_runs(tmp_path: Path) -> None:
    assert find_running(tmp_path) is None
    with claimed(tmp_path) as place:
        announce(place, RUNNING)
        assert find_running(tmp_path) == RUNNING
    assert find_running(tmp_path) is None


def test_a_new_data_directory_cannot_be_listed_by_others(tmp_path: Path) -> None:
    with claimed(tmp_path / "ä b") as place:
        assert not place.stat().st_mode & (stat.S_IRWXO ^ stat.S_IXOTH)


def test_private_files_are_private_from_the_first_byte(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "secret", "x")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
