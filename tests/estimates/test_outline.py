"""A Markdown file comes apart into lines that mean something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.estimates import outline
from watchkeeper.estimates.outline import CODE, HEADING, ITEM, ROW, TEXT


def test_kinds_and_places() -> None:
    """Headings, entries with their depth and boxes, labels, code and rows, each with its line in the file."""
    text = (
        "---\nhours: 3\n---\n\n# Title\n\n**Time**: 2h\nType: testing\n\n- [x] one\n  - [ ] two `x`\n- **Rate:** 5\n\n"
        "```sh\nnpm i zod\n```\n\n| A | B |\n|--|--|\n| 1 | *2* |\n\n<!-- unseen -->\n"
    )

    found = outline.outline(text)

    assert [
        (TEXT, 2, 0, None, "hours", "3"),
        (HEADING, 5, 1, None, "", ""),
        (TEXT, 7, 0, None, "time", "2h"),
        (TEXT, 8, 0, None, "type", "testing"),
        (ITEM, 10, 1, True, "", ""),
        (ITEM, 11, 2, False, "", ""),
        (ITEM, 12, 1, None, "rate", "5"),
        (CODE, 15, 0, None, "", ""),
        (ROW, 18, 1, None, "", ""),
        (ROW, 20, 0, None, "", ""),
    ] == [(line.kind, line.number, line.level, line.is_checked, line.label, line.value) for line in found]
    assert ["one", "two x"] == [line.text for line in found[4:6]]
    assert ("1", "2") == found[-1].cells


def test_control_characters_are_left_out() -> None:
    """Nothing in a line can steer a terminal."""
    found = outline.outline("# a\x1b[2Jb\n\n- c\x07\u202ed\n")

    assert all(line.text.isprintable() for line in found)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Whatever a file holds, it is read, and lines keep their order."""
    numbers = [line.number for line in outline.outline(text)]

    assert numbers == sorted(numbers)


@pytest.mark.parametrize("pattern", ["[", "*", "- ", "> ", "`", "|a", "<", "[a](", "\\", "1. ", "a_", "!["])
def test_hostile_repetition_ends(pattern: str) -> None:
    """A megabyte of what parsers stumble over is read all the same."""
    assert isinstance(outline.outline(pattern * ((1 << 18) // len(pattern))), list)
