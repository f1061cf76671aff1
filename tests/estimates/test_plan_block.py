"""Our block in a plan's file: put in, replaced, never a byte of the rest changed."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.estimates import plan_block

CONTENT = st.one_of(
    st.binary(),
    st.lists(
        st.sampled_from(["# A", "- [ ] b", "", "<!-- watchkeeper: estimate ends -->", "text", "\u00e4\u6587", "```"]),
        max_size=12,
    ).flatmap(lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines).encode())),
)


@given(CONTENT, st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_the_rest_stays(content: bytes, text: str) -> None:
    """All bytes of a file stay where they were, in front of the block and behind it."""
    made = plan_block.with_block(content, text)
    again = plan_block.with_block(made, "something else")

    assert made.startswith(content)
    assert again.startswith(content)


@given(CONTENT, st.text(st.characters(codec="utf-8", exclude_characters="\r<")))
def test_writing_twice_is_writing_once(content: bytes, text: str) -> None:
    """The block is replaced by the same block: nothing changes."""
    once = plan_block.with_block(content, text)

    assert once == plan_block.with_block(once, text)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"], ids=["unix", "windows", "old mac"])
def test_line_endings_are_the_files(ending: bytes) -> None:
    """The block's lines end as the file's do."""
    made = plan_block.with_block(ending.join([b"# A", b"", b"- b", b""]), "x\ny")

    assert made.replace(ending, b"|").count(b"\n") + made.replace(ending, b"|").count(b"\r") == 0
    assert ending.join([b"x", b"y"]) in made


def test_a_block_in_the_middle_stays_there() -> None:
    """What a person wrote behind the block stays behind it, and what stood in it goes."""
    old = plan_block.with_block(b"# A\n", "old") + b"\n# After\n"

    made = plan_block.with_block(old, "new")

    assert made.index(b"# A\n") < made.index(b"new") < made.index(b"# After\n")
    assert b"old" not in made
    assert len(old.split(b"\n")) == len(plan_block.without(old).split(b"\n"))
    assert b"old" not in plan_block.without(old)


def test_an_open_mark_swallows_nothing() -> None:
    """A beginning without an end is text like any other."""
    content = plan_block.BEGIN + b"\n# Mine\n"

    assert content == plan_block.without(content)
    assert plan_block.with_block(content, "x").startswith(content)


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs rights there")
def test_replacing_keeps_mode_and_link(tmp_path: Path) -> None:
    """A file that is reached by a link is replaced where it is, with its permissions."""
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_bytes(b"a")
    real.chmod(0o640)
    link.symlink_to(real)

    plan_block.replace(str(link), b"a", b"b")

    assert link.is_symlink()
    assert b"b" == real.read_bytes()
    assert 0o640 == stat.S_IMODE(os.stat(real).st_mode)
    assert ["link.md", "real.md"] == sorted(os.listdir(tmp_path))


def test_a_file_that_changed_is_left_alone(tmp_path: Path) -> None:
    """What somebody wrote meanwhile is not written over, and nothing is left lying about."""
    path = tmp_path / "plan.md"
    path.write_bytes(b"theirs")

    with pytest.raises(plan_block.Changed):
        plan_block.replace(str(path), b"ours", b"new")

    assert b"theirs" == path.read_bytes()
    assert ["plan.md"] == os.listdir(tmp_path)


def test_a_file_that_may_not_be_written_is_not(tmp_path: Path) -> None:
    """A file that is read-only stays as it is, although its folder could be written."""
    path = tmp_path / "plan.md"
    path.write_bytes(b"a")
    path.chmod(0o444)

    with pytest.raises(PermissionError):
        plan_block.replace(str(path), b"a", b"b")

    assert b"a" == path.read_bytes()
    path.chmod(0o644)
