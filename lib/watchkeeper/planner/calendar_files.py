"""The folder of calendar files: one for each event and one with all; what a person put there is left alone."""

from __future__ import annotations

import os
from datetime import tzinfo
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core import whole_file

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


class Content(NamedTuple):
    """What stands in a calendar file."""

    text: bytes
    """Empty where there is no file."""
    events: dict[str, Standing] | None
    """Its events by their uid; None for a file of somebody else."""

    @property
    def is_foreign(self) -> bool:
        return bool(self.text) and self.events is None

    def of(self, uid: str) -> Standing | None:
        """Return what it says of an event."""
        return (self.events or {}).get(uid)


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


def content(where: str, name: str) -> Content:
    """Return what stands in the file of that name."""
    text = _text(path_of(where, name))
    return Content(text, standing_events(text) if text else None)


def write_event(where: str, name: str, entry: Entry, style: Style, combined: Content, now: float) -> Written:
    """Bring the file of an event up to date. One that is up to date is not written.

    Whatever it, or the file with all, says of the event is a change with the next number; so a calendar that has read
    it before follows.
    """
    path = path_of(where, name)
    before = content(where, name)
    if before.is_foreign:
        return Written(name, entry, _stamp(entry, combined, style, now), path, FOREIGN)
    stamp = _stamp(entry, before if before.of(entry.uid) else combined, style, now)
    text = calendar_text([(entry, stamp)], style.zone, style.zone_name, style.reminders_min)
    if text == before.text:
        return Written(name, entry, stamp, path, UNCHANGED)
    whole_file.write(path, text)
    change = CANCELLED if entry.is_cancelled else UPDATED if before.text else CREATED
    return Written(name, entry, stamp, path, change)


def write_all(where: str, written: Sequence[Written], style: Style, before: Content) -> str | None:
    """Bring the file with all events up to date, and return where it stands; None where there is none to write."""
    path = path_of(where, COMBINED)
    if not written or before.is_foreign:
        return None
    entries = [(each.entry, each.stamp) for each in written]
    text = calendar_text(entries, style.zone, style.zone_name, style.reminders_min, _CALENDAR_NAME)
    if text != before.text:
        whole_file.write(path, text)
    return path


def _stamp(entry: Entry, before: Content, style: Style, now: float) -> Stamp:
    known = before.of(entry.uid)
    if known is None:
        return Stamp(0, now)
    if event_text(entry, known.stamp, style.zone, style.reminders_min) in before.text:
        return known.stamp
    return Stamp(known.stamp.sequence + 1, now)


def _text(path: str) -> bytes:
    """What stands at `path`; a folder or a file that cannot be read is like one that somebody else wrote."""
    if not os.path.lexists(path):
        return b""
    try:
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES) or b"\n"
    except OSError:
        return b"\n"
