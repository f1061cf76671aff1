"""The type of a phase by its words."""

from __future__ import annotations

import pytest

from watchkeeper.estimates import task_words
from watchkeeper.estimates.work import DEBUGGING, IMPLEMENTATION, PLANNING, POLISH, REFACTORING, TESTING


@pytest.mark.parametrize(
    ("title", "steps", "expected"),
    [
        ("Design the schema", [], (PLANNING, "words")),
        ("Build the API", ["tests", "tests"], (IMPLEMENTATION, "words")),
        ("Migrate and restructure", [], (REFACTORING, "words")),
        ("API tests", [], (TESTING, "words")),
        ("Fix the crash", [], (DEBUGGING, "words")),
        ("Docs and changelog", [], (POLISH, "words")),
        ("Part two", ["write unit tests", "coverage"], (TESTING, "words")),
        ("Part two", ["something"], (IMPLEMENTATION, "assumed")),
        ("The plan", [], (IMPLEMENTATION, "assumed")),
    ],
)
def test_type(title: str, steps: list[str], expected: tuple[str, str]) -> None:
    """The title's words count first, then the steps'; without any it is assumed, and said to be."""
    assert expected == task_words.task_type_of(title, steps)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("testing", TESTING),
        ("45,000 tokens/hour (implementation type)", IMPLEMENTATION),
        ("fast", ""),
        ("untesting", ""),
    ],
)
def test_stated_type(text: str, expected: str) -> None:
    """A type is stated by its own name."""
    assert expected == task_words.stated_type(text)
