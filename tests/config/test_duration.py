"""Durations as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.config.duration import parse_duration
from watchkeeper.errors import UserError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90m", 5400),
        ("2h", 7200),
        ("1h30m", 5400),
        ("3d", 259_200),
        ("1w", 604_800),
        ("45s", 45),
        (" 1H 30M ", 5400),
        ("1.5h", 5400),
        ("2 hours", 7200),
        ("1 hour 5 minutes", 3900),
        ("10 min", 600),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    """Units in short and in words, one after the other, give seconds."""
    assert seconds == parse_duration(text)


@pytest.mark.parametrize(
    "text", ["", "0m", "5", "-5m", "m", "5x", "30m1h", "1h1h", "2h,", "1e3m", "inf", "nan", "9999d", "٣m"]
)
def test_other_texts_are_refused(text: str) -> None:
    """What is no duration, or none that makes sense, is refused with an example."""
    with pytest.raises(UserError, match="write it like 90m") as refusal:
        parse_duration(text)

    assert 2 == refusal.value.exit_code


@given(st.integers(0, 300), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_written_durations_come_back(days: int, hours: int, minutes: int, seconds: int) -> None:
    """A duration written in all units is the sum of them."""
    total = 86_400 * days + 3600 * hours + 60 * minutes + seconds
    if total:
        assert total == parse_duration(f"{days}d{hours}h{minutes}m{seconds}s")


@given(st.text())
def test_no_text_fails_otherwise(text: str) -> None:
    """Any text is a positive duration or refused."""
    try:
        assert parse_duration(text) > 0
    except UserError:
        pass
