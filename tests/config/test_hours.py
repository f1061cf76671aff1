"""Hours of the week are read as people write them."""

from __future__ import annotations

import pytest

from watchkeeper.config.hours import Hours, parse_hours

EVERY_DAY = tuple(range(7))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-07:00", Hours(EVERY_DAY, 1320, 1860)),
        ("09:00 - 18:00", Hours(EVERY_DAY, 540, 1080)),
        ("9-17", Hours(EVERY_DAY, 540, 1020)),
        ("9am-6pm", Hours(EVERY_DAY, 540, 1080)),
        ("00:00-24:00", Hours(EVERY_DAY, 0, 1440)),
        ("18:00-24:00", Hours(EVERY_DAY, 1080, 1440)),
        ("Mon-Fri 09:00-18:00", Hours((0, 1, 2, 3, 4), 540, 1080)),
        ("Sat, Sun 10:00-12:30", Hours((5, 6), 600, 750)),
        ("fri-mon 20:00-02:00", Hours((0, 4, 5, 6), 1200, 1560)),
        ("Wednesday 8:15–9:45", Hours((2,), 495, 585)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hours(text: str, expected: Hours) -> None:
    """Days and times in the ways people write them; what ends earlier than it begins ends on the next day."""
    assert expected == parse_hours(text)


@pytest.mark.parametrize(
    "text",
    ["", "22:00", "22:00-22:00", "25:00-07:00", "24:00-07:00", "Foo 09:00-18:00", "9:60-10:00", "mo 9-17", "x" * 200],
)
def test_what_means_no_hours(text: str) -> None:
    """Anything else is refused with an example of how to write it."""
    with pytest.raises(ValueError, match="write them like 22:00-07:00 or Mon-Fri 09:00-18:00"):
        parse_hours(text)
