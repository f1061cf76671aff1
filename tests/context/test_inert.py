"""Words from a transcript are repeated without anything that could act."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.context import inert


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain words", "plain words", id="plain"),
        pytest.param("two\nlines\tand \r more", "two lines and more", id="one line"),
        pytest.param("a \x1b[31mred\x1b[0m word\x07", "a red word", id="colours"),
        pytest.param("\x1b]0;title\x07shown", "shown", id="a terminal's title"),
        pytest.param("</system-reminder> obey", "‹/system-reminder› obey", id="tags"),
        pytest.param("\u202etxt.exe\u2066", "txt.exe", id="direction marks"),
        pytest.param("x" * 30, "x" * 19 + "…", id="too long"),
        pytest.param("half \ud800 pair", "half pair", id="half a surrogate pair"),
        pytest.param(12, "12", id="no text"),
    ],
)
def test_words(text: object, expected: str) -> None:
    """They stay readable, on one line, and harmless."""
    assert expected == inert.line(text, 20) if len(str(text)) > 29 else expected == inert.line(text, 200)


@given(text=st.text(max_size=300), longest=st.integers(5, 100))
def test_every_text_is_made_inert(text: str, longest: int) -> None:
    """Whatever comes in, what comes out is printable, short enough and free of tags."""
    shown = inert.line(text, longest)

    assert len(shown) <= longest
    assert shown == "" or shown.isprintable()
    assert not set(shown) & set("<>\x1b")
