"""Free time is what the clock on the wall says, also on the days on which clocks are changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planner.plans import hours, reads_free
from watchkeeper.core.settings import DEFAULTS
from watchkeeper.planner.availability import Availability, earliest_start, of_settings, offset_s, offsets

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_S = 3600.0
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def spans(available: Availability, since: str, until: str) -> list[tuple[str, str]]:
    """The free stretches as the clock on the wall shows them."""
    found = available.free_spans(at(since), at(until))
    return [tuple(datetime.fromtimestamp(each, BERLIN).strftime("%d %H:%M%z") for each in span) for span in found]  # type: ignore[misc]


def test_any_time_is_free_without_hours() -> None:
    """Where nothing is set, sessions may run at any time."""
    assert [(0.0, 100.0)] == Availability().free_spans(0.0, 100.0)


def test_quiet_hours_over_midnight() -> None:
    """Quiet hours end on the next morning, and cut working hours where they meet them."""
    available = Availability(hours("06:00-23:00"), hours("22:00-07:00"), BERLIN)

    assert [("20 07:00+0100", "20 22:00+0100"), ("21 07:00+0100", "21 22:00+0100")] == spans(
        available, "2026-11-20T00:00", "2026-11-22T00:00"
    )


def test_hours_of_the_last_day_go_on_into_the_first() -> None:
    """Hours that begin on Sunday evening end on Monday morning."""
    available = Availability(hours("Sun 22:00-04:00"), (), BERLIN)

    assert [("22 22:00+0100", "23 04:00+0100")] == spans(available, "2026-11-20T00:00", "2026-11-26T00:00")


@pytest.mark.parametrize(
    ("working", "day", "expected"),
    [
        pytest.param("01:00-05:00", "2026-03-29", [("29 01:00+0100", "29 05:00+0200", 3.0)], id="an hour is skipped"),
        pytest.param("02:00-03:00", "2026-03-29", [], id="the skipped hour itself"),
        pytest.param("01:00-05:00", "2026-10-25", [("25 01:00+0200", "25 05:00+0100", 5.0)], id="an hour is repeated"),
        pytest.param(
            "02:15-02:45",
            "2026-10-25",
            [("25 02:15+0200", "25 02:45+0200", 0.5), ("25 02:15+0100", "25 02:45+0100", 0.5)],
            id="inside the repeated hour",
        ),
    ],
)
def test_days_on_which_clocks_change(working: str, day: str, expected: list[tuple[str, str, float]]) -> None:
    """Working hours keep their place on the wall, and are as long as they really are."""
    available = Availability(hours(working), (), BERLIN)
    found = available.free_spans(at(f"{day}T00:00"), at(f"{day}T23:59"))

    assert expected == [
        (*(datetime.fromtimestamp(each, BERLIN).strftime("%d %H:%M%z") for each in span), (span[1] - span[0]) / HOUR_S)
        for span in found
    ]


RULES = ["09:00-18:00", "22:00-07:00", "Mon-Fri 08:30-12:15", "Sat 00:00-24:00", "Sun 22:00-03:30", "01:30-02:30"]


@given(
    st.lists(st.sampled_from(RULES), max_size=2),
    st.lists(st.sampled_from(RULES), max_size=2),
    st.sampled_from(ZONES),
    st.sampled_from(["2026-03-28", "2026-10-24", "2026-11-01", "2026-04-04", "2026-02-14", "2026-12-30"]),
)
def test_every_minute_is_free_when_its_clock_says_so(working: list[str], quiet: list[str], zone: str, day: str) -> None:
    """The stretches hold exactly the minutes at which the clock on the wall reads a free one."""
    available = Availability(hours(*working), hours(*quiet), ZoneInfo(zone))
    since = at(f"{day}T12:00", ZoneInfo("UTC"))
    found = available.free_spans(since, since + 3 * 24 * HOUR_S)

    for step in range(3 * 24 * 4):
        moment = since + step * 900.0
        assert reads_free(available, moment) == any(start <= moment < end for start, end in found), moment
        assert reads_free(available, moment) == (not available.why_closed(moment))


@pytest.mark.parametrize("zone", ZONES)
def test_offsets_cover_the_time_without_a_gap(zone: str) -> None:
    """Stretches of one distance from UTC follow one another, and each has the distance that its clock shows."""
    since, until = at("2026-01-01T00:00"), at("2027-01-01T00:00")
    found = list(offsets(ZoneInfo(zone), since, until))

    assert since == found[0][0]
    assert until == found[-1][1]
    assert [end for _, end, _ in found[:-1]] == [start for start, _, _ in found[1:]]
    for start, end, offset in found:
        for moment in (start, end - 1):
            shown = datetime.fromtimestamp(moment, ZoneInfo(zone)).utcoffset()
            assert shown is not None
            assert offset == shown.total_seconds()


@pytest.mark.parametrize(
    ("wanted", "length", "expected"),
    [(0, 5, 10), (12, 5, 12), (17, 5, 30), (30, 10, 30), (31, 10, None), (50, 1, None)],
)
def test_earliest_start(wanted: float, length: float, expected: float | None) -> None:
    """A session starts where the whole of it is free."""
    assert expected == earliest_start([(10, 20), (30, 40)], wanted, length)


@pytest.mark.parametrize("variable", ["XYZ-99", "XYZ+24", "CET-1"])
def test_this_machines_clock_is_what_it_shows(variable: str, time_zone: Callable[[str], None]) -> None:
    """Also one that TZ sets a day or more ahead, which no zone of the zone library's is."""
    time_zone(variable)
    now = at("2026-11-20T12:00")
    quiet = Availability(quiet=hours("0-24"))

    assert time.localtime(now).tm_gmtoff == offset_s(None, now)
    assert [(now, now + HOUR_S, offset_s(None, now))] == list(offsets(None, now, now + HOUR_S))
    assert [] == quiet.free_spans(now, now + HOUR_S)


def test_why_it_is_closed() -> None:
    """Quiet hours are told before working hours."""
    available = Availability(hours("09:00-18:00"), hours("22:00-07:00"), timezone.utc)

    assert ["quiet hours", "outside working hours", ""] == [
        available.why_closed(at(f"2026-11-20T{time}", ZoneInfo("UTC"))) for time in ("23:00", "20:00", "12:00")
    ]


def test_settings_become_availability() -> None:
    """The hours and the zone of the settings; by default any time, on this machine's clock."""
    planner = {"working_hours": ["Mon-Fri 09:00-18:00"], "quiet_hours": ["12:00-13:00"], "time_zone": "Europe/Berlin"}

    assert Availability() == of_settings(DEFAULTS)
    assert Availability(hours("Mon-Fri 09:00-18:00"), hours("12:00-13:00"), BERLIN) == of_settings({"planner": planner})
