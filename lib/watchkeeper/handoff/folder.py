"""The folder of handoffs: one Markdown file each, written whole, for its owner only; the newest is so by its time."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.core.records import epoch_of

from . import document

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

PREFIX = "handoff-"
SUFFIX = ".md"
MOST_BYTES = 2 << 20
# The year 3000: no system's calendar fails below it.
LATEST_AT = 32_503_680_000.0
_NAME = re.compile(r"handoff-[A-Za-z0-9_-]{1,80}\.md")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_SESSION = 64
_SHORT, _MOST_DIGITS = 8, 3
_MOST_LOOKED_AT = 50
# The lines between the dashes come first and are short.
_HEAD_BYTES = 8192


class Entry(NamedTuple):
    """A handoff in the folder. Texts that its file does not tell are empty; times are epoch seconds."""

    id: str
    path: str
    written_at: float
    kind: str
    title: str
    project: str
    session_id: str


def folder_of(paths: Paths) -> str:
    """Return where handoffs are kept."""
    return os.path.join(paths.config, "session-handoffs")


def base_id(session_id: str, now: float) -> str:
    """Return the id of a session's first handoff."""
    return PREFIX + safe_name(session_id, now)


def safe_name(session_id: str, now: float = 0.0) -> str:
    """Return a session's id as part of a file's name: whatever the session is called, the file stays in its folder.

    An id with nothing of which a name could be made gives way to the time `now`.
    """
    return _UNSAFE.sub("-", session_id).strip("-")[:_LONGEST_SESSION] or f"{now:.0f}"


def numbered(base: str, number: int) -> str:
    """Return the id of a session's first, second, third … handoff."""
    return base if number == 1 else f"{base}-{number}"


def path_of(folder: str, handoff_id: str) -> str:
    """Return where the handoff is kept. Raise ValueError for what is no id."""
    name = handoff_id + SUFFIX
    if not _NAME.fullmatch(name):
        raise ValueError(f"{handoff_id!r} is no handoff's id")
    return os.path.join(folder, name)


def entries(folder: str) -> list[Entry]:
    """Return the handoffs in the folder, the newest first."""
    try:
        names = [name for name in os.listdir(folder) if _NAME.fullmatch(name)]
    except OSError:
        return []
    found = [_entry(folder, name) for name in names]
    return sorted((each for each in found if each is not None), key=lambda each: (-each.written_at, each.id))


def short_name(handoff_id: str) -> str:
    """Return what a person types for an id: the beginning of its session's, and its number if it has one."""
    name, dash, number = handoff_id.removeprefix(PREFIX).rpartition("-")
    if dash and number.isdecimal() and len(number) <= _MOST_DIGITS:
        return f"{name[:_SHORT]}-{number}"
    return (name + dash + number)[:_SHORT]


def newest(folder: str, project: str) -> Entry | None:
    """Return the handoff of a project that was written last, or None."""
    return next((each for each in entries(folder) if each.project == project), None)


def later_of(folder: str, session_id: str, at: float) -> str:
    """Return the id of the handoff that a session wrote last after `at` (epoch seconds), empty if it wrote none."""
    base = base_id(session_id, at)
    found = ""
    for number in range(1, _MOST_LOOKED_AT):
        try:
            if os.stat(path_of(folder, numbered(base, number))).st_mtime > at:
                found = numbered(base, number)
        except OSError:
            break
    return found


def read(path: str) -> str:
    """Return what a handoff's file holds. Raise OSError when it cannot be read or is no regular file."""
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path} is not there")
    with open(path, "rb") as file:
        return file.read(MOST_BYTES).decode("utf-8", "replace")


def is_replaceable(path: str) -> bool:
    """Return whether what stands at `path` is a draft that nobody has changed."""
    try:
        text = read(path)
    except OSError:
        return False
    fields, _ = document.front_and_body(text)
    return fields.get("kind") == "draft" and not document.is_edited(text)


def written_at(parts: document.Document) -> float | None:
    """Return when a handoff says that it was written, None if it names no time that can be."""
    told = epoch_of(parts.text("written_at")) or parts.number("written_at") or 0.0
    return told if 0.0 < told < LATEST_AT else None


def _entry(folder: str, name: str) -> Entry | None:
    path = os.path.join(folder, name)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    parts = document.split(head)
    if not (parts.title or parts.text("kind")):
        # Whatever somebody has put there, it is no handoff.
        return None
    return Entry(
        name[: -len(SUFFIX)],
        path,
        written_at(parts) or status.st_mtime,
        parts.text("kind"),
        parts.title,
        parts.text("project"),
        parts.text("from_session"),
    )
