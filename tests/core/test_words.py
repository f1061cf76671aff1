"""Tests of core/words.py and core/levels.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.core import levels, settings, words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (4680, "1h 18m"),
        (86400, "1d"),
        (273_600, "3d 4h"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    """Durations are floored and never negative."""
    assert text == words.duration(seconds)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        pytest.param(NOON + 3600, "13:00", id="today"),
        pytest.param(NOON + 86400, "Sat 12:00", id="this week"),
        pytest.param(NOON + 20 * 86400, "2026-12-10 12:00", id="later"),
        pytest.param(NOON - 86400, "2026-11-19 12:00", id="yesterday"),
    ],
)
def test_a_moment_names_its_day_when_it_is_not_today(at: float, text: str) -> None:
    """A time of day alone means today."""
    assert text == words.clock_time(at, NOON)


def test_times_are_the_users(time_zone: Callable[[str], None]) -> None:
    """Times are shown in the local zone."""
    time_zone("Asia/Kolkata")

    assert "17:30" == words.clock_time(NOON, NOON)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (45_000, "45k"), (999_400, "999k"), (999_600, "1.0M"), (1_234_567, "1.2M")],
)
def test_tokens_are_rounded_for_reading(count: int, text: str) -> None:
    """Thousands and millions have a letter."""
    assert text == words.tokens(count)


@given(st.floats(0, 100))
def test_a_share_is_never_rounded_up(pct: float) -> None:
    """A shown share never promises a threshold that is not reached."""
    assert float(words.share(pct)[:-1]) <= pct


@pytest.mark.parametrize(
    ("pct", "level"),
    [
        (None, "unknown"),
        (0, "fresh"),
        (9.99, "fresh"),
        (10, "excellent"),
        (25, "good"),
        (50, "moderate"),
        (79.99, "moderate"),
        (80, "danger"),
        (90, "critical"),
        (95, "emergency"),
        (120, "emergency"),
    ],
)
def test_the_quotas_levels(pct: float | None, level: str) -> None:
    """The levels of the five-hour quota, compared unrounded."""
    assert level == levels.level_of(pct, settings.DEFAULTS["quota"]["levels"])


@pytest.mark.parametrize(
    ("pct", "level"),
    [(27.9, "fresh"), (28, "healthy"), (50, "moderate"), (67, "warning"), (80, "danger"), (90, "critical")],
)
def test_the_contexts_levels(pct: float, level: str) -> None:
    """The levels of the context, as shares of what is usable."""
    assert level == levels.level_of(pct, settings.DEFAULTS["context"]["levels"])


def test_every_level_has_its_advice() -> None:
    """Each level of quota and context has one recommendation."""
    for name in ("quota", "context"):
        assert {levels.LOWEST, *settings.DEFAULTS[name]["levels"]} == set(settings.DEFAULTS["advice"][name])


@given(st.floats(0, 120), st.lists(st.integers(1, 100), max_size=8))
def test_passed_and_next_thresholds_are_apart(value: float, thresholds: list[int]) -> None:
    """Every threshold is either passed or still to come, and the next one is the lowest of those."""
    passed = levels.passed(value, thresholds)
    following = levels.next_threshold(value, thresholds)

    assert sorted(set(thresholds)) == sorted({*passed, *(threshold for threshold in thresholds if threshold > value)})
    assert following is None or (
        following not in passed and all(following <= other or other in passed for other in thresholds)
    )
