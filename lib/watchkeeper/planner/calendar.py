"""Planned sessions as a calendar file has them: events of RFC 5545 with reminders and their time zone."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.render.columns import clean

from .vtimezone import vtimezone, years_around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icalendar import Alarm, Event

PRODUCT = "-//Watchkeeper//Sessions//EN"
UID_HOST = "@watchkeeper"
_SPACE = uuid.UUID("6f3b0f6e-6a50-4b5e-9d2e-7a0c6f1f4a11")


class Entry(NamedTuple):
    """What an event says. Times are epoch seconds."""

    uid: str
    summary: str
    description: str
    location: str
    starts_at: float
    ends_at: float
    created_at: float
    is_cancelled: bool = False
    is_busy: bool = True
    """Whether it takes the person's time."""


class Stamp(NamedTuple):
    """How often an event was changed, and when last; equal entries with equal stamps are equal bytes."""

    sequence: int
    at: float


class Standing(NamedTuple):
    """What a calendar file says of an event."""

    stamp: Stamp
    starts_at: float
    ends_at: float


def uid_of(kind: str, *parts: object) -> str:
    """Return the identity of an event: the same for the same parts, wherever and whenever it is made."""
    return f"{kind}-{uuid.uuid5(_SPACE, '/'.join(str(part) for part in parts))}{UID_HOST}"


def calendar_text(
    entries: Sequence[tuple[Entry, Stamp]], zone: tzinfo, zone_name: str, reminders_min: Sequence[int], name: str = ""
) -> bytes:
    """Return a calendar file of the entries, in times of `zone`; one with cancelled entries alone takes them back."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    is_cancellation = all(entry.is_cancelled for entry, _ in entries)
    calendar.add("method", "CANCEL" if is_cancellation else "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    events = [_event(entry, stamp, zone, reminders_min) for entry, stamp in entries]
    if any("TZID" in event["dtstart"].params for event in events):
        spans = [(entry.starts_at, entry.ends_at) for entry, _ in entries]
        calendar.add_component(vtimezone(zone_name, zone, *years_around(spans, zone)))
    for event in events:
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry, stamp: Stamp, zone: tzinfo, reminders_min: Sequence[int]) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", stamp.sequence)
    event.add("dtstamp", _utc(stamp.at))
    event.add("last-modified", _utc(stamp.at))
    event.add("created", _utc(entry.created_at))
    event.add("summary", clean(entry.summary))
    start, end = _local(entry.starts_at, zone), _local(entry.ends_at, zone)
    # Of an hour that clocks repeat, a local time in a calendar file means the first.
    if start.fold or end.fold:
        start, end = _utc(entry.starts_at), _utc(entry.ends_at)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("description", "\n".join(clean(line) for line in entry.description.splitlines()))
    if entry.location:
        event.add("location", clean(entry.location))
    event.add("categories", ["Claude Code"])
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.is_busy and not entry.is_cancelled else "TRANSPARENT")
    if not entry.is_cancelled:
        for minutes in sorted(set(reminders_min), reverse=True):
            event.add_component(_alarm(minutes, clean(entry.summary)))
    return event


def _alarm(minutes: int, text: str) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", timedelta(minutes=-minutes))
    return alarm


def event_text(entry: Entry, stamp: Stamp, zone: tzinfo, reminders_min: Sequence[int]) -> bytes:
    """Return an event alone, as it stands in a calendar file."""
    text: bytes = _event(entry, stamp, zone, reminders_min).to_ical()
    return text


def standing_events(text: bytes) -> dict[str, Standing] | None:
    """Return the events of a calendar file by their uid, or None for one that is not ours."""
    from icalendar import Calendar

    found = {}
    try:
        calendar = Calendar.from_ical(text)
        if str(calendar["prodid"]) != PRODUCT:
            return None
        events: Any = calendar.walk("VEVENT")
        for event in events:
            start, end = event["dtstart"].dt.timestamp(), event["dtend"].dt.timestamp()
            stamp = Stamp(int(event["sequence"]), event["dtstamp"].dt.timestamp())
            found[str(event["uid"])] = Standing(stamp, start, end)
    except Exception:  # noqa: BLE001 - whatever a person put there or made of it: it is not ours any more
        return None
    return found


def _local(at: float, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(int(at), zone)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(int(at), timezone.utc)
