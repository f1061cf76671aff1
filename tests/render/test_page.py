"""Rows, meters and tables never leave the page and let nothing through that a terminal would obey."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.render.columns import unpainted, width_of
from watchkeeper.render.ink import Pen
from watchkeeper.render.page import LABEL_COLUMNS, Page

PENS = st.builds(Pen, st.booleans(), st.sampled_from(["", "\x1b[37m"]))
PAGES = st.builds(Page, PENS, st.integers(40, 130))
TEXTS = st.text(max_size=200) | st.text("ab é漢字\t\n\x1b[31m\x9b\u202e", max_size=200)
PCTS = st.none() | st.floats(0, 1000)
INKS = st.sampled_from(["plain", "strong", "dim", "good", "danger", "critical", "unheard of"])
COLUMNS = st.lists(st.text("abcé漢>\x1b", min_size=1, max_size=12), min_size=1, max_size=8)


def assert_safe(text: str, page: Page) -> None:
    for line in text.split("\n"):
        assert width_of(line) <= page.columns
        assert unpainted(line).isprintable()
    if not page.pen.colour:
        assert "\x1b" not in text


@given(PAGES, TEXTS, TEXTS, TEXTS, INKS, INKS)
def test_rows_stay_on_the_page(page: Page, label: str, text: str, note: str, ink: str, note_ink: str) -> None:
    """A labelled row is never wider than the page, whatever its parts are."""
    assert_safe(page.row(label, text, note, ink, note_ink), page)


@given(PAGES, TEXTS, PCTS, INKS, TEXTS)
def test_meters_stay_on_the_page(page: Page, label: str, pct: float | None, level: str, note: str) -> None:
    """A bar is never wider than the page, also beyond a hundred percent."""
    assert_safe(page.meter(label, pct, level, note), page)


@given(PAGES, TEXTS, TEXTS, st.integers(0, 14))
def test_headings_paragraphs_and_items_stay_on_the_page(page: Page, title: str, text: str, indent: int) -> None:
    """Neither a title nor running text is wider than the page."""
    assert_safe(page.heading(title), page)
    assert_safe(page.paragraph(text, indent=indent), page)
    assert_safe(page.item("12.", text), page)


@given(PAGES, COLUMNS, st.data())
def test_tables_stay_on_the_page(page: Page, head: list[str], data: st.DataObject) -> None:
    """A table gives way until it fits, and its cells are clean, painted or not."""
    cell = TEXTS | st.integers() | st.none() | st.builds(page.pen.paint, TEXTS, INKS)
    rows: list[list[Any]] = data.draw(st.lists(st.lists(cell, min_size=len(head), max_size=len(head)), max_size=4))

    assert_safe(page.table(head, rows), page)


def test_a_note_stands_behind_its_figure_where_there_is_room() -> None:
    """A short note shares the line, a long one goes below, under the figure."""
    page = Page(Pen(colour=False), 60)

    assert "Used          42%  reported 2m ago" == page.row("Used", "42%", "reported 2m ago")
    below = page.row("Used", "unknown", "the status line has not run yet, so nothing was reported").split("\n")
    assert "Used          unknown" == below[0]
    assert all(line.startswith(" " * LABEL_COLUMNS) for line in below[1:])


@pytest.mark.parametrize(
    ("pct", "filled", "said"),
    [
        (None, 0, "unknown"),
        (0.0, 0, "0%"),
        (49.9, 14, "49%"),
        (50.0, 15, "50%"),
        (100.0, 30, "100%"),
        (137.0, 30, "137%"),
    ],
)
def test_a_meter_shows_the_floored_share(pct: float | None, filled: int, said: str) -> None:
    """The bar never shows more than is used, and an unknown share is an empty bar."""
    text = Page(Pen(colour=False), 80).meter("Usage", pct)

    assert filled == text.count("█")
    assert 30 == text.count("█") + text.count("░")
    assert text.endswith(f"  {said}")


def test_numbers_stand_to_the_right_and_long_names_give_way() -> None:
    """Right-hand columns keep their width; the widest on the left is cut."""
    page = Page(Pen(colour=False), 40)

    row = ["a-very-long-project-name-indeed", "live", 1234567]

    lines = page.table(["Project", "State", ">Tokens"], [row]).split("\n")

    assert ["Project                   State   Tokens", "a-very-long-project-nam…  live   1234567"] == lines


def test_colour_is_only_added_where_it_is_wanted() -> None:
    """The words are the same with and without colour."""
    plain, painted = Page(Pen(colour=False), 80), Page(Pen(colour=True, plain="\x1b[37m"), 80)

    assert plain.row("Level", "danger", "hurry", "danger") == unpainted(
        painted.row("Level", "danger", "hurry", "danger")
    )
    assert "\x1b[33mdanger\x1b[0m" in painted.row("Level", "danger", "", "danger")
    assert "\x1b[37mplain\x1b[0m" in painted.row("Level", "plain")
