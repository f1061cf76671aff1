"""Files that other programs read."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from watchkeeper.adapters import files
from watchkeeper.adapters.run import ProgramFailed


def test_file_is_whole_private_and_replaced(tmp_path: Path) -> None:
    """A file and its folder are made, for its owner only, and replaced in one step without a trace."""
    path = tmp_path / "new" / "a.timer"
    for content in (b"one\r\n\xff", b"two"):
        files.write(str(path), content)

        assert content == path.read_bytes()
    assert ["a.timer"] == os.listdir(path.parent)
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600


def test_failure_leaves_what_was_there(tmp_path: Path) -> None:
    """Where a folder stands in the way, it stays, and nothing half written is left."""
    (tmp_path / "a" / "b").mkdir(parents=True)

    with pytest.raises(OSError, match="a"):
        files.write(str(tmp_path / "a"), b"x")

    assert ["a"] == os.listdir(tmp_path)


def test_remove_says_whether_there_was_one(tmp_path: Path) -> None:
    """A file is deleted once."""
    (tmp_path / "a").touch()

    assert [True, False] == [files.remove(str(tmp_path / "a")) for _ in range(2)]


def test_put_says_what_could_not_be_written(tmp_path: Path) -> None:
    """A file for a program that cannot be written is that program's failure, in words that name the file."""
    (tmp_path / "a").touch()

    with pytest.raises(ProgramFailed, match=r"b cannot be written \(.+\)"):
        files.put(str(tmp_path / "a" / "b"), b"x")


def test_file_apart_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """A file that is put apart stands alone, and goes with its folder, once."""
    path = files.put_apart("task", b"x", str(tmp_path))

    assert b"x" == Path(path).read_bytes()
    assert [os.path.dirname(path)] == [str(each) for each in tmp_path.iterdir()]
    for _ in range(2):
        files.remove_apart(path)
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize("missing", ["folder", "room"])
def test_file_apart_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Where there is no place or no room for it, that is a failure in words, and no empty folder is left."""

    def write(path: str, content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(files, "write", write)

    with pytest.raises(ProgramFailed, match="cannot be written"):
        files.put_apart("task", b"x", str(tmp_path / "gone" if missing == "folder" else tmp_path))

    assert [] == os.listdir(tmp_path)
