"""Reset times as the client's sentences state them, in every zone and through every change of clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.core.limit_message import TOLERANCE_S, clock_time, epochs_at, parse

UTC = timezone.utc
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def said(resets_at: float, said_at: float, zone: str) -> str:
    """A reset time as the client writes it: without a day within 24 hours, without a year within the year."""
    moment = datetime.fromtimestamp(resets_at, ZoneInfo(zone))
    minutes = f":{moment.minute:02}" if moment.minute else ""
    time = f"{moment.hour % 12 or 12}{minutes}{'pm' if moment.hour >= 12 else 'am'}"
    if resets_at - said_at <= 86_400:
        return f"{time} ({zone})"
    is_this_year = moment.year == datetime.fromtimestamp(said_at, ZoneInfo(zone)).year
    year = "" if is_this_year else f", {moment.year}"
    return f"{MONTHS[moment.month - 1]} {moment.day}{year}, {time} ({zone})"


FRIDAY_1PM = "2026-11-20T13:00+00:00"

WORDINGS = [
    ("You've hit your 5-hour limit · resets 4:24pm (UTC)", "five_hour", "2026-11-20T16:24+00:00"),
    ("You've hit your session limit · resets 9:40pm (Asia/Calcutta)", "five_hour", "2026-11-20T16:10+00:00"),
    ("You've hit your session limit · resets 4pm (UTC) · progress saved", "five_hour", "2026-11-20T16:00+00:00"),
    ("You've hit your session limit · resets 4pm (UTC)\n/login to switch", "five_hour", "2026-11-20T16:00+00:00"),
    ("5-hour limit reached ∙ resets 3pm", "five_hour", "2026-11-20T15:00+00:00"),
    ("Session limit reached ∙ resets 5:00 PM", "five_hour", "2026-11-20T17:00+00:00"),
    ("Session limit reached ∙ resets 5:00\u202fPM", "five_hour", "2026-11-20T17:00+00:00"),
    ("You've hit your weekly limit · resets Nov 24, 1pm (Europe/Berlin)", "seven_day", "2026-11-24T12:00+00:00"),
    ("You've hit your weekly limit · resets Nov 24, 2026, 1pm (UTC)", "seven_day", "2026-11-24T13:00+00:00"),
    ("You've hit your weekly limit · resets Mon 3pm", "seven_day", "2026-11-23T15:00+00:00"),
    ("You've hit your weekly limit · resets Friday 1:30pm", "seven_day", "2026-11-20T13:30+00:00"),
    ("You've hit your weekly limit · resets Fri 12pm", "seven_day", "2026-11-27T12:00+00:00"),
    ("Weekly limit reached · resets 10am (Asia/Seoul) · /upgrade", "seven_day", "2026-11-21T01:00+00:00"),
    ("weekly limit · resets Dec 17 at 6am (Europe/Oslo)", None, None),
    ("Limit reached · resets 3:45pm", "five_hour", "2026-11-20T15:45+00:00"),
    ("You've hit your limit · resets 10am (UTC)", "seven_day", "2026-11-21T10:00+00:00"),
    ("Claude usage limit reached. Your limit will reset at 5pm (UTC).", "five_hour", "2026-11-20T17:00+00:00"),
    ("Claude AI usage limit reached|1795190615", "five_hour", "2026-11-20T16:03:35+00:00"),
    (
        "You've hit your monthly spend limit · your weekly limit resets Nov 22, 3pm (UTC)",
        "seven_day",
        "2026-11-22T15:00+00:00",
    ),
]


@pytest.mark.parametrize(("text", "kind", "resets"), WORDINGS, ids=[text for text, _, _ in WORDINGS])
def test_known_wordings(text: str, kind: str | None, resets: str | None) -> None:
    """Each sentence that a client has written is understood, as is what a slower reset than its window's rules out."""
    expected = (kind, epoch(resets)) if resets else None

    assert expected == parse(text, epoch(FRIDAY_1PM), UTC)


NOT_UNDERSTOOD = [
    "You've hit your Opus limit · resets 3:45pm",
    "You've hit your Fable limit. It resets 3:45pm.",
    "You've hit your monthly spend limit.",
    "You've hit your fast limit · resets in 5m",
    "You've hit your session limit · resets 6:40pm (Mars/Olympus)",
    "You've hit your session limit · resets 6:40pm (../../etc/passwd)",
    "You've hit your session limit · resets 6:40pm (UTC",
    "You've hit your session limit · resets 16:40pm",
    "You've hit your session limit · resets 13pm (UTC)",
    "You've hit your session limit · resets at some time",
    "You've hit your session limit · resets",
    "You've hit your session limit · resets 11pm (UTC)",
    "You've hit your weekly limit · resets Monday",
    "You've hit your weekly limit · resets Feb 30, 3pm",
    "You've hit your weekly limit · resets Jan 3, 3pm",
    "Claude AI usage limit reached|17951906159999",
    "Claude AI usage limit reached|",
    "The build has a limit of ten files and then resets 3pm",
    "resets 3pm",
    "",
    None,
    5,
    ["resets 3pm"],
]


@pytest.mark.parametrize("text", NOT_UNDERSTOOD, ids=str)
def test_other_texts_are_no_guess(text: object) -> None:
    """Other limits, unknown zones and times that a window cannot have give nothing."""
    assert parse(text, epoch(FRIDAY_1PM), UTC) is None


def test_unknown_time_of_saying_is_no_guess() -> None:
    """Without the time at which it was said, a time of day means nothing."""
    assert parse("You've hit your 5-hour limit · resets 4:24pm (UTC)", 0.0, UTC) is None


@given(
    zone=st.sampled_from(ZONES),
    said_at=st.integers(946_684_800, 2_145_916_800),
    away_min=st.integers(1, 300),
)
def test_five_hour_resets_come_back(zone: str, said_at: int, away_min: int) -> None:
    """What the client writes of a five-hour reset is read to the minute, in every zone and season."""
    resets_at = (said_at + 60 * away_min) // 60 * 60

    found = parse(f"You've hit your session limit · resets {said(resets_at, said_at, zone)}", said_at, UTC)

    assert found is not None
    assert "five_hour" == found[0]
    if not datetime.fromtimestamp(resets_at, ZoneInfo(zone)).fold:
        assert resets_at == found[1]
    # In the hour that is repeated when clocks go back, the text can mean the first one too.
    assert said(resets_at, said_at, zone) == said(found[1], said_at, zone)


@given(
    zone=st.sampled_from(ZONES),
    said_at=st.integers(946_684_800, 2_145_916_800),
    away_min=st.one_of(st.integers(1, 1437), st.integers(1441, 10_080)),
)
def test_weekly_resets_come_back(zone: str, said_at: int, away_min: int) -> None:
    """What the client writes of a weekly reset is read to the minute, over turns of the year and leap days too."""
    resets_at = (said_at + 60 * away_min) // 60 * 60

    found = parse(f"You've hit your weekly limit · resets {said(resets_at, said_at, zone)}", said_at, UTC)

    assert found is not None
    assert "seven_day" == found[0]
    if not datetime.fromtimestamp(resets_at, ZoneInfo(zone)).fold:
        assert resets_at == found[1]


@given(st.one_of(st.text(), st.from_regex(r"(session|weekly) limit · resets? [\w :,()/·-]{0,40}")), st.floats())
def test_no_text_fails(text: str, said_at: float) -> None:
    """Whatever stands there gives a reading or nothing, and a reading is never far before it was said."""
    found = parse(text, said_at)

    assert found is None or found[1] >= said_at - TOLERANCE_S


@pytest.mark.parametrize(
    ("zone", "said_at", "time", "resets_at"),
    [
        ("Europe/Berlin", "2026-03-29T00:30+00:00", "4am", "2026-03-29T02:00+00:00"),
        ("Europe/Berlin", "2026-10-25T00:30+00:00", "4am", "2026-10-25T03:00+00:00"),
        ("Europe/Berlin", "2026-10-24T23:30+00:00", "2:30am", "2026-10-25T00:30+00:00"),
        ("Europe/Berlin", "2026-10-25T00:45+00:00", "2:30am", "2026-10-25T01:30+00:00"),
        ("America/New_York", "2026-03-08T06:30+00:00", "3:15am", "2026-03-08T07:15+00:00"),
        ("Australia/Lord_Howe", "2026-04-04T13:00+00:00", "2am", "2026-04-04T15:30+00:00"),
    ],
    ids=["clocks forward", "clocks back", "repeated hour, first", "repeated hour, second", "New York", "half an hour"],
)
def test_changes_of_clocks(zone: str, said_at: str, time: str, resets_at: str) -> None:
    """A reset on the other side of a change of clocks is right."""
    found = parse(f"session limit · resets {time} ({zone})", epoch(said_at), UTC)

    assert ("five_hour", epoch(resets_at)) == found


def test_a_reset_a_moment_ago_is_not_tomorrow() -> None:
    """A message told up to two minutes after the reset it names means that one."""
    text = "You've hit your 5-hour limit · resets 4:24pm (UTC)"

    assert ("five_hour", epoch("2026-11-20T16:24+00:00")) == parse(text, epoch("2026-11-20T16:25:59+00:00"), UTC)
    assert parse(text, epoch("2026-11-20T16:27+00:00"), UTC) is None


def test_machine_zone_is_used_without_another(time_zone: Callable[[str], None]) -> None:
    """A time without a zone is in this machine's own, daylight saving included."""
    time_zone("America/New_York")

    winter = parse("5-hour limit reached ∙ resets 3pm", epoch("2026-01-20T16:00+00:00"))
    summer = parse("5-hour limit reached ∙ resets 3pm", epoch("2026-07-20T16:00+00:00"))

    assert ("five_hour", epoch("2026-01-20T20:00+00:00")) == winter
    assert ("five_hour", epoch("2026-07-20T19:00+00:00")) == summer


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("12am", (0, 0)),
        ("12:05pm", (12, 5)),
        ("4:24pm", (16, 24)),
        ("16:24", (16, 24)),
        ("00:00", (0, 0)),
        ("16", None),
        ("24:00", None),
        ("4:60pm", None),
        ("4:5pm", None),
        ("0am", None),
        ("٤pm", None),
        ("pm", None),
        ("", None),
    ],
)
def test_clock_time(word: str, expected: tuple[int, int] | None) -> None:
    """Times of day are read in both styles; what is none is None."""
    assert expected == clock_time(word)


@given(st.sampled_from(ZONES), st.dates(min_value=date(2000, 1, 2), max_value=date(2037, 12, 30)))
def test_epochs_at_are_what_clocks_show(zone: str, day: date) -> None:
    """Every moment that is found shows the time asked for, and they ascend."""
    tz = ZoneInfo(zone)
    for minutes in range(0, 1440, 150):
        hour, minute = divmod(minutes, 60)
        found = list(epochs_at(day, hour, minute, tz))

        assert found == sorted(set(found))
        for at in found:
            shown = datetime.fromtimestamp(at, tz)
            assert (day, hour, minute) == (shown.date(), shown.hour, shown.minute)
        naive = datetime(day.year, day.month, day.day, hour, minute, tzinfo=tz)
        is_skipped = naive.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != naive.replace(tzinfo=None)
        assert bool(found) is not is_skipped
