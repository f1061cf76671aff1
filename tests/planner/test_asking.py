"""Hours as people say them."""

from __future__ import annotations

import pytest

from watchkeeper.planner.asking import parse_hours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3.0),
        ("1.5", 1.5),
        ("90m", 1.5),
        (" 2h ", 2.0),
        ("24", 24.0),
        ("25", None),
        ("0", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("a few", None),
        ("", None),
    ],
)
def test_hours(text: str, expected: float | None) -> None:
    """A number or a duration of at most a day."""
    assert expected == parse_hours(text)
