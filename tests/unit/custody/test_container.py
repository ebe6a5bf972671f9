"""The file: deterministic, readable by any archiver, and without a byte that could be changed."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.container import build, open_container
from schemas.errors import LedgerCorrupt

names = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
members_of_a_file = st.dictionaries(names, st.binary(max_size=60), max_size=6)


@given(members=members_of_a_file)
def test_members_come_back_as_they_were_put_in(members: dict[str, bytes]) -> None:
    assert open_container(build(members)) == members


@given(members=members_of_a_file, data=st.data())
def test_the_bytes_do_not_depend_on_the_order_of_putting_in(
    members: dict[str, bytes], data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(members.items()))))
    assert build(shuffled) == build(members)


@given(members=members_of_a_file)
def test_python_reads_what_was_written_and_would_write_the_same(members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(build(members))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == members
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, members[name])
    assert rewritten.getvalue() == build(members)


@given(members=members_of_a_file.filter(bool), data=st.data())
def test_any_altered_byte_is_damage(members: dict[str, bytes], data: st.DataObject) -> None:
    whole = bytearray(build(members))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = open_container(bytes(whole))
    except LedgerCorrupt:
        return
    pytest.fail(f"{found} came out of changed bytes")


@given(members=members_of_a_file, data=st.data(), more=st.binary(min_size=1, max_size=30))
def test_bytes_put_in_or_left_out_anywhere_are_damage(
    members: dict[str, bytes], data: st.DataObject, more: bytes
) -> None:
    whole = build(members)
    at = data.draw(st.integers(0, len(whole)))
    with pytest.raises(LedgerCorrupt):
        open_container(whole[:at] + more + whole[at:])
    with pytest.raises(LedgerCorrupt):
        open_container(whole[:at] + whole[at + 1 + len(more) :] if at < len(whole) else b"")


@given(data=st.binary(max_size=200))
def test_anything_else_is_refused_and_nothing_else_is_raised(data: bytes) -> None:
    for prefix in (b"", b"PK\x03\x04", build({"a": b"b"})[:40]):
        with pytest.raises(LedgerCorrupt):
            open_container(prefix + data)


@pytest.mark.parametrize("name", ["", "a b", "ä", "a\n", "x" * 101])
def test_names_that_archivers_read_differently_are_refused(name: str) -> None:
    with pytest.raises(LedgerCorrupt):
        build({name: b""})


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", "{}" * 100)
    with pytest.raises(LedgerCorrupt):
        open_container(path.read_bytes())


def test_too_many_members_are_refused() -> None:
    with pytest.raises(LedgerCorrupt):
        build(dict.fromkeys(map(str, range(65_535)), b""))
