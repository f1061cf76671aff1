from __future__ import annotations

import os
from pathlib import Path

import pytest

from watchkeeper.wiring import files


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_write(tmp_path: Path) -> None:
    """A whole file takes the other's place, with the mode that was asked for, and nothing is left beside it."""
    path = tmp_path / "a"
    path.write_bytes(b"old and longer")

    files.write(path, b"new", 0o640)

    assert (b"new", 0o640) == (path.read_bytes(), files.mode_of(path))
    assert [path] == list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """When the place is taken by a folder, the folder stays and no half-written file either."""
    (tmp_path / "a").mkdir()

    with pytest.raises(OSError, match=r"directory|denied"):
        files.write(tmp_path / "a", b"new", 0o600)

    assert [tmp_path / "a"] == list(tmp_path.iterdir())


def test_content(tmp_path: Path) -> None:
    """Only a regular file has content."""
    (tmp_path / "a").write_bytes(b"x")

    assert (b"x", None, None) == tuple(files.content_of(path) for path in (tmp_path / "a", tmp_path, tmp_path / "b"))
    assert files.mode_of(tmp_path / "b") is None


def test_of_a_link_only_the_link_goes(tmp_path: Path) -> None:
    """Deleting a tree never follows a link out of it."""
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "tree" / "below").mkdir(parents=True)
    (tmp_path / "tree" / "below" / "link").symlink_to(tmp_path / "target")

    for name in ("link", "tree", "missing"):
        files.remove_tree(tmp_path / name)

    assert [tmp_path / "target"] == list(tmp_path.iterdir())
    assert (tmp_path / "target" / "file").exists()


def test_only_an_empty_folder_goes(tmp_path: Path) -> None:
    """A folder with anything in it stays."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "x").mkdir(parents=True)

    for name in ("empty", "full", "missing"):
        files.remove_empty(tmp_path / name)

    assert [tmp_path / "full"] == list(tmp_path.iterdir())


def test_the_head_of_a_file(tmp_path: Path) -> None:
    """As much as wanted of a regular file, and nothing of anything else."""
    (tmp_path / "a").write_bytes(b"abc")

    assert [b"ab", b"abc", b"", b"", b""] == [
        files.head_of(tmp_path / "a", 2),
        files.head_of(tmp_path / "a", 9),
        files.head_of(tmp_path, 9),
        files.head_of(tmp_path / "missing", 9),
        files.head_of(tmp_path / ("x" * 5000), 9),
    ]
