"""Tests of core/tail.py: what a growing, cut, replaced or half-written file says is read once and wholly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.core.tail import START, Growth, Position, read_growth

ALL = 1 << 30
LINES = [b"one", b"two two", b"", b"three " * 20, b"{" + b"x" * 90 + b"}", b"\xff\x00 no text"]


def read_all(path: Path, since: Position = START, most_bytes: int = ALL) -> tuple[list[bytes], Position]:
    """Everything since a position, read in pieces."""
    found: list[bytes] = []
    while growth := read_growth(str(path), since, most_bytes):
        found += growth.lines
        stuck = growth.position.offset == since.offset
        since = growth.position
        if not growth.left_bytes:
            break
        most_bytes *= 2 if stuck else 1
    return found, since


def grown(path: Path, since: Position, most_bytes: int = ALL) -> Growth:
    growth = read_growth(str(path), since, most_bytes)
    assert growth is not None
    return growth


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("growing")


@given(
    st.lists(st.sampled_from(LINES), max_size=12),
    st.lists(st.integers(0, 400), max_size=5),
    st.integers(1, 500),
)
def test_pieces_are_the_whole(folder: Path, chosen: list[bytes], cuts: list[int], most_bytes: int) -> None:
    """However a file grows and however little is read at once, each whole line is read exactly once."""
    data = b"".join(line + b"\n" for line in chosen)
    path = folder / "grows.jsonl"
    path.unlink(missing_ok=True)
    position = START
    found: list[bytes] = []
    written = 0
    for cut in sorted({*(min(cut, len(data)) for cut in cuts), len(data)}):
        with path.open("ab") as file:
            file.write(data[written:cut])
        written = cut
        more, position = read_all(path, position, most_bytes)
        half_written = data[position.offset : cut]
        if half_written:
            assert half_written == more.pop()
        found += more

    assert [line for line in chosen if line] == found


def test_nothing_new_is_none(tmp_path: Path) -> None:
    """An unchanged file costs a look and gives nothing."""
    path = tmp_path / "still.jsonl"
    path.write_bytes(b"a\n")
    position = grown(path, START).position

    assert read_growth(str(path), position, ALL) is None


@pytest.mark.parametrize(
    ("name", "error"), [("absent.jsonl", FileNotFoundError), ("", (IsADirectoryError, PermissionError))]
)
def test_what_cannot_be_read_raises(tmp_path: Path, name: str, error: type[OSError]) -> None:
    """A file that is gone, and a folder in its place, raise OSError."""
    with pytest.raises(error):
        read_growth(str(tmp_path / name), START, ALL)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(b"a\nb\nc\n", b"a\n", [b"a"], id="cut"),
        pytest.param(b"a\nb\n", b"", [], id="emptied"),
        pytest.param(b"a\nb\n", b"c\nd\n", [b"c", b"d"], id="rewritten in place, as long"),
        pytest.param(b"a\nb\n", b"x\ny\nz\nz\n", [b"x", b"y", b"z", b"z"], id="rewritten in place, longer"),
        pytest.param(b"a" * 99 + b"\n", b"a" * 98 + b"\nc\n", [b"a" * 98, b"c"], id="shifted by one"),
    ],
)
@pytest.mark.parametrize("in_place", [True, False], ids=["same inode", "moved into place"])
def test_another_content_is_read_from_its_beginning(
    tmp_path: Path, before: bytes, after: bytes, expected: list[bytes], in_place: bool
) -> None:
    """A file that was cut or replaced is noticed and read anew."""
    path = tmp_path / "changed.jsonl"
    path.write_bytes(before)
    os.utime(path, ns=(1, 1))
    _, position = read_all(path)
    if in_place:
        path.write_bytes(after)
    else:
        (tmp_path / "next").write_bytes(after)
        os.replace(tmp_path / "next", path)

    growth = grown(path, position)

    assert (expected, True) == (growth.lines, growth.restarted)
    assert len(after) == growth.position.offset


def test_a_last_line_without_its_newline_is_read_and_read_again(tmp_path: Path) -> None:
    """A last line may be whole, so it is returned; it stays unread until its newline is there."""
    path = tmp_path / "half.jsonl"
    path.write_bytes(b"a\n{half")
    first = grown(path, START)
    with path.open("ab") as file:
        file.write(b" whole}\nnext\n")
    second = grown(path, first.position)

    assert [b"a", b"{half"] == first.lines
    assert 0 == first.left_bytes
    assert [b"{half whole}", b"next"] == second.lines
    assert not second.restarted


def test_what_is_left_over_is_told_and_found_again(tmp_path: Path) -> None:
    """Reading stops after a whole line and says how much is left; the next look goes on there."""
    path = tmp_path / "much.jsonl"
    path.write_bytes(b"first\nsecond\nthird\n")
    growth = grown(path, START, 15)

    assert ([b"first", b"second"], 6) == (growth.lines, growth.left_bytes)
    assert [b"third"] == grown(path, growth.position).lines


def test_a_line_longer_than_the_limit_is_not_passed(tmp_path: Path) -> None:
    """Of a line that does not fit nothing is returned, and nothing counts as read."""
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"a\n" + b"x" * 100 + b"\n")
    growth = grown(path, START, 50)
    again = grown(path, growth.position, 50)

    assert ([b"a"], 2) == (growth.lines, growth.position.offset)
    assert ([], 2, 101) == (again.lines, again.position.offset, again.left_bytes)
    assert [b"x" * 100] == grown(path, again.position, 200).lines
