"""The folder of calendar files: one for each event and one with all; what a person put there is left alone."""

from __future__ import annotations

import os
from datetime import tzinfo
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.handoff import folder

from .calendar import Entry, Stamp, Standing, calendar_text, event_text, standing_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.core.paths import Paths

SUFFIX = ".ics"
COMBINED = "all-sessions"
CREATED, UPDATED, CANCELLED, UNCHANGED, FOREIGN = "created", "updated", "cancelled", "unchanged", "foreign"
_CALENDAR_NAME = "Claude sessions"
_MOST_BYTES = 16 << 20


class Style(NamedTuple):
    """How events are written: the zone of their times, and how long before them calendars remind of them."""

    zone: tzinfo
    zone_name: str
    reminders_min: tuple[int, ...]


class Written(NamedTuple):
    """An event with its file."""

    name: str
    entry: Entry
    stamp: Stamp
    path: str
    change: str
    """created, updated, cancelled, unchanged; foreign where a file of somebody else has its name and stays."""


def folder_of(paths: Paths) -> str:
    """Return where calendar files are kept."""
    return os.path.join(paths.config, "calendar")


def path_of(where: str, name: str) -> str:
    """Return where the file of that name stands."""
    return os.path.join(where, name + SUFFIX)


def standing(where: str, name: str, uid: str) -> Standing | None:
    """Return what the file of that name says of an event, None when it is not one of ours or says nothing of it."""
    return (standing_events(_content(path_of(where, name))) or {}).get(uid)


def write_event(where: str, name: str, entry: Entry, style: Style, now: float) -> Written:
    """Bring the file of an event up to date. One that is up to date is not written.

    Whatever it says of the event is a change with the next number; so a calendar that has read it before follows.
    """
    path = path_of(where, name)
    before, combined = _content(path), _content(path_of(where, COMBINED))
    if before and standing_events(before) is None:
        return Written(name, entry, _stamp(entry, combined, style, now), path, FOREIGN)
    stamp = _stamp(entry, before if _known(before, entry) else combined, style, now)
    text = calendar_text([(entry, stamp)], style.zone, style.zone_name, style.reminders_min)
    if text == before:
        return Written(name, entry, stamp, path, UNCHANGED)
    folder.write(path, text.decode("utf-8"))
    change = CANCELLED if entry.is_cancelled else UPDATED if before else CREATED
    return Written(name, entry, stamp, path, change)


def write_all(where: str, written: Sequence[Written], style: Style) -> str | None:
    """Bring the file with all events up to date, and return where it stands; None where there is none to write."""
    path = path_of(where, COMBINED)
    before = _content(path)
    if not written or (before and standing_events(before) is None):
        return None
    entries = [(each.entry, each.stamp) for each in written]
    text = calendar_text(entries, style.zone, style.zone_name, style.reminders_min, _CALENDAR_NAME)
    if text != before:
        folder.write(path, text.decode("utf-8"))
    return path


def _stamp(entry: Entry, before: bytes, style: Style, now: float) -> Stamp:
    known = _known(before, entry)
    if known is None:
        return Stamp(0, now)
    if event_text(entry, known.stamp, style.zone, style.reminders_min) in before:
        return known.stamp
    return Stamp(known.stamp.sequence + 1, now)


def _known(text: bytes, entry: Entry) -> Standing | None:
    return (standing_events(text) or {}).get(entry.uid) if text else None


def _content(path: str) -> bytes:
    """What stands at `path`; a folder or a file that cannot be read is like one that somebody else wrote."""
    if not os.path.lexists(path):
        return b""
    try:
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES) or b"\n"
    except OSError:
        return b"\n"
