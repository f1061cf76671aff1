from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.render.text import command_line, one_line, paragraphs, shortened


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \n\t b  ", "a b"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07shown", "shown"),
        ("a\u202eb\u2066c", "a b c"),
        ("tag\U000e0041s", "tag s"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("lone \ud800 half", "lone half"),
    ],
    ids=["white space", "colour", "window title", "direction", "invisible tags", "joined emoji", "surrogate"],
)
def test_a_line_holds_nothing_that_is_obeyed(text: str, expected: str) -> None:
    """Control characters, escape sequences and invisible marks become spaces or vanish."""
    assert expected == one_line(text)


def test_a_command_keeps_its_spaces() -> None:
    """Spaces inside a command mean something."""
    assert "echo 'a  b'" == command_line(" echo 'a  b' \n")


def test_paragraphs_keep_their_lines() -> None:
    """Lines stay, whatever ends them; white space at their ends and around all goes."""
    assert "a\n\n    b" == paragraphs("\r\n\na  \r\n\r\n\tb\n\n")


@given(st.text())
def test_making_text_inert_twice_changes_nothing(text: str) -> None:
    """What was made inert is so."""
    assert one_line(text) == one_line(one_line(text))
    assert command_line(text) == command_line(command_line(text))
    assert paragraphs(text) == paragraphs(paragraphs(text))


@pytest.mark.parametrize(("most", "expected"), [(3, "abc"), (2, "a…")], ids=["fits", "cut"])
def test_what_is_shortened(most: int, expected: str) -> None:
    """What is too long ends with an ellipsis."""
    assert expected == shortened("abc", most)
