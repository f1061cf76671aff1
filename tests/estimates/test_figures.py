"""Hours and tokens are read as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.estimates import figures
from watchkeeper.estimates.figures import Span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1-1.5h", Span(1.0, 1.5)),
        ("4 to 6 hours", Span(4.0, 6.0)),
        ("1.5–2 hrs", Span(1.5, 2.0)),
        ("90 min", Span(1.5, 1.5)),
        ("30-45 minutes", Span(0.5, 0.75)),
        ("1h 30m", Span(1.5, 1.5)),
        ("1h-90min", Span(1.0, 1.5)),
        ("1,5 h", Span(1.5, 1.5)),
        ("2 days", Span(16.0, 16.0)),
        ("about ~3h of work", Span(3.0, 3.0)),
        ("2025-01-06 18:00", None),
        ("version 1.2.3", None),
        ("10 MB", None),
        ("0h", None),
        ("99999999h", None),
        ("h", None),
    ],
)
def test_hours(text: str, span: Span | None) -> None:
    """A duration in any of its spellings, the larger figure of a range last; nothing else is one."""
    assert span == figures.hours_in(text)


@pytest.mark.parametrize(
    ("title", "hours", "name"),
    [
        ("WebSocket server (1-1.5h)", Span(1.0, 1.5), "WebSocket server"),
        ("Tests [est. 2h, hard]", Span(2.0, 2.0), "Tests"),
        ("Build the API - 2h", Span(2.0, 2.0), "Build the API"),
        ("Setup: 30 min", Span(0.5, 0.5), "Setup"),
        ("Handle the 5h window well", None, "Handle the 5h window well"),
        ("(2h)", Span(2.0, 2.0), "(2h)"),
        ("Docs (for users)", None, "Docs (for users)"),
    ],
)
def test_hours_of_a_title(title: str, hours: Span | None, name: str) -> None:
    """A title says how long it takes in brackets or at its end, and is called what is left."""
    assert (hours, name) == figures.hours_of_title(title)


@pytest.mark.parametrize(
    ("text", "labelled", "span"),
    [
        ("25,000 - 32,000 tokens", False, Span(25_000, 32_000)),
        ("~8k tokens", False, Span(8_000, 8_000)),
        ("+10-15k tokens", False, Span(10_000, 15_000)),
        ("85k–120k", True, Span(85_000, 120_000)),
        ("1.2M tokens", False, Span(1_200_000, 1_200_000)),
        ("200k", False, None),
        ("phase 3 of 4", False, None),
        ("2 hours", True, Span(2, 2)),
    ],
)
def test_tokens(text: str, labelled: bool, span: Span | None) -> None:
    """Tokens are called so, or stand behind a label that does; one k counts for both ends."""
    assert span == figures.tokens_in(text, labelled)


def test_a_formula_is_reckoned_again() -> None:
    """A plan's own product is taken apart, so that it can be compared with its result."""
    formula = figures.formula_in("Formula: 1.25h × 45k/h × 0.9 (familiar Node.js) = 28,125 tokens")

    assert formula is not None
    assert (1.25, 45_000, 0.9, 28_125) == formula[1:]
    assert 50_625 == formula.tokens


@given(st.text())
def test_any_line_is_read(text: str) -> None:
    """Whatever a line holds, a figure is finite and in order, or there is none."""
    for span in (
        figures.hours_in(text),
        figures.tokens_in(text, is_about_tokens=True),
        figures.hours_of_title(text)[0],
    ):
        assert span is None or 0 <= span.low <= span.high < float("inf")


@given(st.floats(0.1, 40), st.floats(0.1, 40))
def test_ranges_of_hours_come_back(one: float, other: float) -> None:
    """What is written as a range is read as that range."""
    low, high = sorted((round(one, 1), round(other, 1)))

    assert Span(low, high) == figures.hours_in(f"{low}-{high}h")
