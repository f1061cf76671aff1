"""Tests of transcripts/days.py: days begin and end where the user lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.transcripts.days import SLICE_S, day_of, start_of_day

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "Australia/Lord_Howe"]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", "2026-11-20"), ("Pacific/Auckland", "2026-11-21"), ("America/Los_Angeles", "2026-11-20")],
)
def test_a_day_is_that_of_the_zone(zone: str, expected: str, time_zone: Callable[[str], None]) -> None:
    """The same moment is on different days in different zones; without a zone the machine's own counts."""
    time_zone(zone)

    assert expected == day_of(NOON) == day_of(NOON, ZoneInfo(zone))


@pytest.mark.parametrize("at", [1e20, -1e20, float("nan"), float("inf")])
def test_no_calendar_knows_every_time(at: float) -> None:
    """A time beyond all calendars is on no day."""
    assert "" == day_of(at, timezone.utc)


@given(st.integers(946_684_800, 4_102_444_800), st.sampled_from(ZONES), st.integers(0, 500))
def test_a_day_begins_at_its_start(at: int, name: str, days_before: int) -> None:
    """A day's start is on that day, what is before it is not, and it is the start of a slice."""
    zone = ZoneInfo(name)
    start = start_of_day(at, zone, days_before)

    assert day_of(start, zone) != day_of(start - 1, zone)
    assert 0 == start % SLICE_S
    assert days_before == (datetime.fromtimestamp(at, zone).date() - datetime.fromtimestamp(start, zone).date()).days


@given(st.integers(946_684_800, 4_102_444_800), st.sampled_from(ZONES))
def test_a_slice_is_on_one_day(at: int, name: str) -> None:
    """No slice lies on two days, in any zone."""
    start = at // SLICE_S * SLICE_S
    zone = ZoneInfo(name)

    assert day_of(start, zone) == day_of(start + SLICE_S - 0.001, zone)
