"""Moments as people write them, in any zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.config.moment import parse_moment
from watchkeeper.errors import UserError

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
EPOCHS = st.integers(946_684_800, 2_145_916_800)


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


NOW = epoch("2026-11-20T13:00+01:00")

FUTURE = [
    ("now", "2026-11-20T13:00+01:00"),
    ("18:30", "2026-11-20T18:30+01:00"),
    ("6:40pm", "2026-11-20T18:40+01:00"),
    ("6:40 PM", "2026-11-20T18:40+01:00"),
    ("9:00", "2026-11-21T09:00+01:00"),
    ("13:00", "2026-11-20T13:00+01:00"),
    ("today 9:00", "2026-11-20T09:00+01:00"),
    ("tomorrow 9am", "2026-11-21T09:00+01:00"),
    ("tomorrow at 9:15", "2026-11-21T09:15+01:00"),
    ("tomorrow", "2026-11-21T00:00+01:00"),
    ("in 2h", "2026-11-20T15:00+01:00"),
    ("+90m", "2026-11-20T14:30+01:00"),
    ("2h ago", "2026-11-20T11:00+01:00"),
    ("today", "2026-11-20T00:00+01:00"),
    ("yesterday", "2026-11-19T00:00+01:00"),
    ("yesterday 18:00", "2026-11-19T18:00+01:00"),
    ("2026-11-25", "2026-11-25T00:00+01:00"),
    ("2026-07-25", "2026-07-25T00:00+02:00"),
    ("2026-11-25 14:00", "2026-11-25T14:00+01:00"),
    ("2026-11-25T14:00:30", "2026-11-25T14:00:30+01:00"),
    ("2026-11-25T14:00Z", "2026-11-25T14:00+00:00"),
    ("2026-11-25T14:00:30.5+05:30", "2026-11-25T14:00:30.500+05:30"),
    ("2026-11-25 14:00 -0800", "2026-11-25T14:00-08:00"),
    ("2026-11-25 14:00+02", "2026-11-25T14:00+02:00"),
    ("2026-11-25 2pm", "2026-11-25T14:00+01:00"),
]


@pytest.mark.parametrize(("text", "expected"), FUTURE, ids=[text for text, _ in FUTURE])
def test_moments(text: str, expected: str) -> None:
    """Times of day, days, dates and spans are understood in the zone they are written in."""
    assert epoch(expected) == parse_moment(text, NOW, BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("9:00", "2026-11-20T09:00+01:00"), ("18:30", "2026-11-19T18:30+01:00"), ("13:00", "2026-11-20T13:00+01:00")],
)
def test_times_of_the_past(text: str, expected: str) -> None:
    """Where the past is meant, a time without a day is the last one."""
    assert epoch(expected) == parse_moment(text, NOW, BERLIN, direction="past")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3d", "2026-11-17T13:00+01:00"), ("1h30m", "2026-11-20T11:30+01:00"), ("2 weeks", "2026-11-06T13:00+01:00")],
)
def test_a_span_alone_is_ago_in_the_past(text: str, expected: str) -> None:
    """Where the past is meant a duration needs no `ago`, and what says itself which way it goes is left so."""
    assert epoch(expected) == parse_moment(text, NOW, BERLIN, direction="past")
    assert NOW + 7_200 == parse_moment("in 2h", NOW, BERLIN, direction="past")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-19", "2026-11-20T00:00+01:00"),
        ("today", "2026-11-21T00:00+01:00"),
        ("2026-11-19 9:00", "2026-11-19T09:00+01:00"),
    ],
)
def test_end_of_a_day(text: str, expected: str) -> None:
    """Where the end is meant, a day includes all of itself, and a time is not changed."""
    assert epoch(expected) == parse_moment(text, NOW, BERLIN, ends_day=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "reset",
        "25:00",
        "9:5",
        "13pm",
        "2026-13-01",
        "2026-02-30",
        "2026-11-25T25:00",
        "2026-11-25 14:00+25:00",
        "0001-01-01 00:00+14:00x",
        "2026-11-25 soon",
        "tomorrow soon",
        "in 5",
        "3d",
        "ago",
        "99999999999d ago",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """What is no time is refused with examples."""
    with pytest.raises(UserError, match="write it like 18:30") as refusal:
        parse_moment(text, NOW, BERLIN)

    assert 2 == refusal.value.exit_code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-29 02:30", "2026-03-29T03:30+02:00"),
        ("2026-10-25 02:30", "2026-10-25T02:30+02:00"),
        ("2026-03-29", "2026-03-29T00:00+01:00"),
    ],
    ids=["skipped hour", "repeated hour", "day of the change"],
)
def test_changes_of_clocks(text: str, expected: str) -> None:
    """A time that is skipped is taken as much later, of one that is repeated the first is meant."""
    assert epoch(expected) == parse_moment(text, NOW, BERLIN)


def test_repeated_hour_is_the_one_to_come() -> None:
    """Between the two passes of a repeated hour, its next time of day is in the second."""
    between = epoch("2026-10-25T02:45+02:00")

    assert epoch("2026-10-25T02:30+01:00") == parse_moment("2:30", between, BERLIN)
    assert epoch("2026-10-25T02:30+02:00") == parse_moment("2:30", between, BERLIN, direction="past")


def test_machine_zone_is_the_default(time_zone: Callable[[str], None]) -> None:
    """Without a zone the machine's own is meant."""
    time_zone("Asia/Kathmandu")

    assert epoch("2026-11-21T09:00+05:45") == parse_moment("tomorrow 9:00", NOW)


@given(st.sampled_from(ZONES), EPOCHS, st.integers(0, 23), st.integers(0, 59), st.sampled_from(["future", "past"]))
def test_time_of_day_is_near(zone: str, now: int, hour: int, minute: int, direction: Literal["future", "past"]) -> None:
    """A time of day is found on the right side of now, within a day but for changes of clocks, and shown so."""
    tz = ZoneInfo(zone)

    at = parse_moment(f"{hour:02}:{minute:02}", now, tz, direction)

    shown = datetime.fromtimestamp(at, tz)
    away_s = at - now if direction == "future" else now - at
    assert (hour, minute) == (shown.hour, shown.minute)
    assert 0 <= away_s <= 3 * 86_400


@given(st.sampled_from(ZONES), EPOCHS)
def test_iso_moments_come_back(zone: str, at: int) -> None:
    """A moment in ISO 8601 with its offset is itself in every zone."""
    text = datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat()

    assert at == parse_moment(text, NOW, timezone.utc)


@given(st.sampled_from(ZONES), st.dates(min_value=date(2000, 1, 2), max_value=date(2037, 12, 30)))
def test_days_follow_one_another(zone: str, day: date) -> None:
    """A day ends where the next one begins, and lasts 22 to 26 hours, or not at all where a zone skipped it."""
    tz = ZoneInfo(zone)

    begins = parse_moment(day.isoformat(), NOW, tz)
    ends = parse_moment(day.isoformat(), NOW, tz, ends_day=True)

    assert ends == parse_moment((day + timedelta(days=1)).isoformat(), NOW, tz)
    assert 0 <= ends - begins <= 26 * 3600


@given(st.text())
def test_no_text_fails_otherwise(text: str) -> None:
    """Any text is a moment or refused."""
    try:
        parse_moment(text, NOW, BERLIN)
    except UserError:
        pass
