"""The file of an archive by itself: any bodies go in and come out; what was cut or changed is refused, never taken."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_records.evidence.archive_files import FORMAT, ArchiveDamaged, ArchiveFile, Packed, write

BODIES = st.lists(
    st.tuples(st.integers(1, 2**40), st.binary(min_size=32, max_size=32), st.binary(min_size=1, max_size=3000)),
    min_size=1,
    max_size=12,
)


def _written(items: list[Packed], path: Path) -> Path:
    file = io.BytesIO()
    write(file, iter(items), month="2020-03", records=len(items), tree_size=2**50)
    path.write_bytes(file.getvalue())
    return path


def _packed(steps: list[tuple[int, bytes, bytes]]) -> list[Packed]:
    index, found = -1, []
    for step, salt, body in steps:
        index += step
        found.append(Packed(index, salt, body))
    return found


@given(BODIES)
def test_what_goes_in_comes_out(tmp_path: Path, steps: list[tuple[int, bytes, bytes]]) -> None:
    items = _packed(steps)
    file = ArchiveFile(_written(items, tmp_path / "a"))
    assert (file.records, file.month, file.tree_size) == (len(items), "2020-03", 2**50)
    assert file.indexes() == [item.log_index for item in items]
    for item in reversed(items):
        assert file.body(item.log_index, item.salt) == item.body
        with pytest.raises(ArchiveDamaged):
            file.body(item.log_index, bytes([item.salt[0] ^ 1]) + item.salt[1:])
    absent = {item.log_index + 1 for item in items} - {item.log_index for item in items}
    for index in [-1, *absent]:
        with pytest.raises(ArchiveDamaged):
            file.body(index, bytes(32))


@given(BODIES, st.data())
def test_no_cut_and_no_changed_byte_gives_a_body_that_was_not_there(
    tmp_path: Path, steps: list[tuple[int, bytes, bytes]], data: st.DataObject
) -> None:
    items = _packed(steps)
    whole = _written(items, tmp_path / "a").read_bytes()
    where = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        other = whole[:where]
    else:
        other = whole[:where] + bytes([whole[where] ^ data.draw(st.integers(1, 255))]) + whole[where + 1 :]
    (tmp_path / "b").write_bytes(other)
    try:
        file = ArchiveFile(tmp_path / "b")
        found = {item.log_index: file.body(item.log_index, item.salt) for item in items}
    except ArchiveDamaged:
        return
    head = len(FORMAT) + 4 + int.from_bytes(whole[len(FORMAT) :][:4], "big")
    if where >= head:  # the words that prime the packing stand in the head; commitments guard against those
        assert found == {item.log_index: item.body for item in items}


@pytest.mark.parametrize("content", [b"x", b"chuangke-archive@1\n", b"chuangke-archive@1\n" + bytes(40)])
def test_other_files_are_no_archives(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        ArchiveFile(path)


def test_order_and_number_are_checked_when_writing(tmp_path: Path) -> None:
    salt = bytes(32)
    with pytest.raises(ValueError, match="order"):
        _written([Packed(1, salt, b"a"), Packed(1, salt, b"b")], tmp_path / "a")
    with pytest.raises(ValueError, match="announced"):
        write(io.BytesIO(), [Packed(1, salt, b"a")], month="2020-03", records=2, tree_size=5)
