from __future__ import annotations

import os
from pathlib import Path

import pytest

from watchkeeper.core import whole_file


def test_what_was_there_is_replaced_at_once(tmp_path: Path) -> None:
    """A file and its folder are made, for their owner only, and replaced without a trace of the way."""
    path = tmp_path / "new" / "a"
    for content in (b"one\r\n\xff", b"two"):
        whole_file.write(str(path), content)

        assert content == path.read_bytes()
    assert ["a"] == os.listdir(path.parent)
    if os.name != "nt":
        assert [0o700, 0o600] == [each.stat().st_mode & 0o777 for each in (path.parent, path)]


def test_nothing_is_moved_that_is_not_ready(tmp_path: Path) -> None:
    """When preparing the file fails, what stood there stays, and nothing half done is left."""
    (tmp_path / "a").write_bytes(b"before")

    def refuse(aside: str) -> None:
        raise PermissionError(aside)

    with pytest.raises(PermissionError):
        whole_file.write(str(tmp_path / "a"), b"after", refuse)

    assert [("a", b"before")] == [(each.name, each.read_bytes()) for each in tmp_path.iterdir()]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """What a link at the place points to is left as it was."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (tmp_path / "a").symlink_to(precious)

    whole_file.write(str(tmp_path / "a"), b"new")

    assert (b"precious", b"new", False) == (
        precious.read_bytes(),
        (tmp_path / "a").read_bytes(),
        (tmp_path / "a").is_symlink(),
    )


def test_text_is_written_whatever_it_holds(tmp_path: Path) -> None:
    """Half a pair of surrogates, which no file can hold, becomes a question mark."""
    whole_file.write_text(str(tmp_path / "a"), "ä \ud800\n")

    assert "ä ?\n".encode() == (tmp_path / "a").read_bytes()
