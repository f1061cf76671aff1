"""Texts fit into the columns they are given, wide characters and colours included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.render.columns import clean, cut, cut_start, fit, unpainted, width_of, wrapped

TEXTS = st.text(st.characters(codec="utf-8")) | st.text("ab é漢字\u0301\t\n\x1b[31m\x9b")


@given(TEXTS)
def test_clean_text_is_printable_and_one_line(text: str) -> None:
    """Nothing that a terminal would obey is left, whatever came in."""
    assert clean(text).isprintable()


@given(TEXTS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text stays as it is."""
    assert clean(text) == clean(clean(text))


@given(TEXTS, st.integers(0, 40))
def test_cut_text_fits(text: str, columns: int) -> None:
    """Cut text is never wider than it may be, and untouched where it fits."""
    shown = clean(text)

    result = cut(shown, columns)

    assert width_of(result) <= columns
    assert result == shown or width_of(shown) > columns


@given(TEXTS, st.integers(1, 40), st.booleans())
def test_fit_text_has_exactly_its_columns(text: str, columns: int, to_the_right: bool) -> None:
    """Text in a cell takes all of it and no more."""
    assert columns == width_of(fit(clean(text), columns, to_the_right))


@given(TEXTS, st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    """Every line fits, and together they hold every character but spaces."""
    shown = clean(text)

    lines = wrapped(shown, columns)

    assert all(width_of(line) <= columns for line in lines)
    assert "".join(shown.split()) == "".join("".join(lines).split())


@pytest.mark.parametrize(
    ("text", "width"),
    [
        pytest.param("plain", 5, id="letters"),
        pytest.param("漢字", 4, id="wide characters count twice"),
        pytest.param("e\u0301", 1, id="a combining accent takes none"),
        pytest.param("\x1b[1;32mgood\x1b[0m", 4, id="colours take none"),
        pytest.param("\x1b[38;5;243mgrey\x1b[0m and \x1b[31mred\x1b[0m", 12, id="several colours"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_width(text: str, width: int) -> None:
    """The width is what the terminal shows."""
    assert width == width_of(text)


@given(st.lists(st.tuples(st.sampled_from(["", "\x1b[31m", "\x1b[0m", "\x1b[38;5;243m"]), st.text("ab 漢"))))
def test_colours_take_no_columns(parts: list[tuple[str, str]]) -> None:
    """A painted text is as wide as the same text without colours."""
    painted = "".join(colour + text for colour, text in parts)

    assert width_of(unpainted(painted)) == width_of(painted)
    assert "\x1b" not in unpainted(painted)


def test_words_longer_than_the_line_are_broken() -> None:
    """Only a word that fits on no line is broken."""
    assert ["short", "averylongpa", "th end"] == wrapped("short averylongpath end", 11)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Mn", "Me")), max_size=40), st.integers(1, 30))
def test_the_end_stays_where_the_beginning_gives_way(text: str, columns: int) -> None:
    """A text cut at its beginning fits, ends as before, and says that something is left out."""
    shown = cut_start(text, columns)

    assert width_of(shown) <= columns
    assert shown == text or (shown.startswith("…") and text.endswith(shown[1:]))
