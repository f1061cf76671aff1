"""Files that other programs read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from watchkeeper.adapters import files


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
