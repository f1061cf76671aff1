"""Calendar files say what was meant to every program that reads them, here a second parser."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.planner.calendar import Entry, Stamp, Standing, calendar_text, event_text, standing_events, uid_of
from watchkeeper.render.columns import clean

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import vobject  # type: ignore[import-untyped]

BERLIN = ZoneInfo("Europe/Berlin")
ENTRY = Entry(
    "session-1@watchkeeper",
    "Claude Session: Implementation, part 2; “Ünïcödé” 日本語 🚀",
    "Objectives:\n- Build the API layer, with retries; and backslashes \\n\n- " + "long " * 40 + "\n\nTokens: 45,000",
    "/home/ada/my, project;\\x",
    NOON + 3_600,
    NOON + 3 * 3_600,
    NOON - 86_400,
)  # fmt: skip
STAMP = Stamp(3, NOON)


def text_of(*entries: Entry, zone: str = "Europe/Berlin") -> bytes:
    return calendar_text([(entry, STAMP) for entry in entries], ZoneInfo(zone), zone, (30, 5), "Claude sessions")


ZONES_KNOWN = vars(vobject.icalendar)["__tzidMap"]
BUILT_IN = dict(ZONES_KNOWN)


def read(text: bytes) -> Any:
    """The calendar as the other parser understands it; it would remember a zone from the text before."""
    ZONES_KNOWN.clear()
    ZONES_KNOWN.update(BUILT_IN)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return vobject.readOne(text.decode("utf-8"))


def test_another_parser_reads_what_was_written() -> None:
    """Texts with commas, semicolons, backslashes, line ends and any script come back as they were."""
    calendar = read(text_of(ENTRY))
    event = calendar.vevent

    assert ENTRY.summary == event.summary.value
    assert ENTRY.description == event.description.value
    assert ENTRY.location == event.location.value
    assert (ENTRY.uid, "3", "CONFIRMED") == (event.uid.value, event.sequence.value, event.status.value)
    assert ("2.0", "PUBLISH") == (calendar.version.value, calendar.method.value)
    assert (ENTRY.starts_at, ENTRY.ends_at) == (event.dtstart.value.timestamp(), event.dtend.value.timestamp())
    assert [timedelta(minutes=-30), timedelta(minutes=-5)] == [alarm.trigger.value for alarm in event.valarm_list]
    assert {"DISPLAY"} == {alarm.action.value for alarm in event.valarm_list}


def test_lines_are_short_and_end_as_the_standard_has_it() -> None:
    """Every line has at most 75 octets, ends with a carriage return and a line feed, and is whole UTF-8."""
    lines = text_of(ENTRY).split(b"\r\n")

    assert b"" == lines[-1]
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(line.decode("utf-8") is not None for line in lines)


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=200)


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_survives(summary: str, description: str, location: str) -> None:
    """Whatever a name holds, no line becomes one of its own: the other parser finds one event with these texts."""
    entry = ENTRY._replace(summary=f"x{summary}", description=f"x{description}", location=f"x{location}")
    text = text_of(entry)
    event = read(text).vevent

    assert 1 == text.count(b"BEGIN:VEVENT")
    assert clean(f"x{summary}") == event.summary.value
    assert "\n".join(clean(line) for line in f"x{description}".splitlines()) == event.description.value
    assert clean(f"x{location}") == event.location.value
    assert max(map(len, text.split(b"\r\n"))) <= 75


def test_a_cancellation() -> None:
    """A cancelled event keeps its identity, is cancelled, reminds of nothing and takes nobody's time."""
    calendar = read(text_of(ENTRY._replace(is_cancelled=True)))

    assert ("CANCEL", "CANCELLED", "TRANSPARENT") == (
        calendar.method.value, calendar.vevent.status.value, calendar.vevent.transp.value,
    )  # fmt: skip
    assert ENTRY.uid == calendar.vevent.uid.value
    assert not hasattr(calendar.vevent, "valarm")


def test_a_file_of_several_is_published() -> None:
    """A file in which only some events are cancelled is no cancellation as a whole."""
    other = ENTRY._replace(uid="session-2@watchkeeper", is_cancelled=True)
    calendar = read(text_of(ENTRY, other))

    assert "PUBLISH" == calendar.method.value
    assert ["CONFIRMED", "CANCELLED"] == [event.status.value for event in calendar.vevent_list]


def test_equal_entries_are_equal_bytes() -> None:
    """The same event with the same stamp is the same text, and stands in a file of several as it does alone."""
    assert text_of(ENTRY) == text_of(ENTRY)
    assert event_text(ENTRY, STAMP, BERLIN, (30, 5)) in text_of(ENTRY, ENTRY._replace(uid="other@watchkeeper"))


def test_times_of_the_zone() -> None:
    """Times are local ones, and the file brings the rules of their zone for the years that matter."""
    text = text_of(ENTRY).decode()

    assert "DTSTART;TZID=Europe/Berlin:20261120T140000" in text
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZNAME:CEST\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200" in text
    assert "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZNAME:CET\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100" in text


def test_times_of_utc_need_no_zone() -> None:
    """In UTC a time says so itself."""
    text = text_of(ENTRY, zone="UTC")

    assert b"DTSTART:20261120T130000Z" in text
    assert b"VTIMEZONE" not in text


@pytest.mark.parametrize("minutes", range(-180, 181, 30))
@pytest.mark.parametrize("change", ["2026-03-29T01:00", "2026-10-25T01:00"])
def test_nights_on_which_clocks_change(change: str, minutes: int) -> None:
    """Around a change of the clocks, in the repeated hour too, an event starts and ends when it is meant to."""
    starts_at = datetime.fromisoformat(change).replace(tzinfo=timezone.utc).timestamp() + minutes * 60
    event = read(text_of(ENTRY._replace(starts_at=starts_at, ends_at=starts_at + 3_600))).vevent

    assert (starts_at, starts_at + 3_600) == (event.dtstart.value.timestamp(), event.dtend.value.timestamp())


ZONES = ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]


@given(st.sampled_from(ZONES), st.integers(0, 366 * 96))
def test_any_time_in_any_zone(zone: str, quarters: int) -> None:
    """Wherever and whenever, the other parser finds the moment that was meant."""
    starts_at = 1_767_225_600.0 + quarters * 900
    event = read(text_of(ENTRY._replace(starts_at=starts_at, ends_at=starts_at + 5_400), zone=zone)).vevent

    assert (starts_at, starts_at + 5_400) == (event.dtstart.value.timestamp(), event.dtend.value.timestamp())


def test_what_stands_in_a_file() -> None:
    """A file of ours tells how often each of its events was changed; any other tells nothing."""
    text = text_of(ENTRY)

    assert {ENTRY.uid: Standing(STAMP, ENTRY.starts_at, ENTRY.ends_at)} == standing_events(text)
    for foreign in (text.replace(b"Watchkeeper", b"Somebody"), b"", b"BEGIN:VCALENDAR", text[:-200], b"\xff\xfe\x00"):
        assert standing_events(foreign) is None


def test_identities() -> None:
    """An event's identity follows from what it is about, and differs where that differs."""
    assert uid_of("session", "polish", NOON) == uid_of("session", "polish", NOON)
    assert 3 == len(
        {uid_of("session", "polish", NOON), uid_of("session", "polish", 1.0), uid_of("reset", "polish", NOON)}
    )
