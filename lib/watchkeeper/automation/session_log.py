"""`automation/session-log.txt`: one line for each thing that happened to a booking, for people."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from watchkeeper.render.columns import clean
from watchkeeper.render.json_text import iso

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

    from .bookings import Booking

_MOST_BYTES = 1 << 20
_MOST_CHARACTERS = 1_000


def folder_of(paths: Paths) -> str:
    """Return where the log lies, and what headless sessions print."""
    return os.path.join(paths.state, "automation")


def path_of(paths: Paths) -> str:
    """Return the log's path."""
    return os.path.join(folder_of(paths), "session-log.txt")


def output_path(paths: Paths, booking_id: str) -> str:
    """Return where a headless session's output is kept; its folder is made."""
    folder = folder_of(paths)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return os.path.join(folder, f"{booking_id}.jsonl")


def write(paths: Paths, booking: Booking, what: str, detail: str, now: float) -> None:
    """Add a line; a disk that is full, or a log that cannot be written, stops nothing."""
    words = [iso(now), booking.booking_id, what, clean(booking.project), clean(booking.handoff_id) or "-"]
    line = "  ".join([*words, clean(detail)])[:_MOST_CHARACTERS]
    path = path_of(paths)
    with contextlib.suppress(OSError):
        os.makedirs(folder_of(paths), mode=0o700, exist_ok=True)
        if os.path.exists(path) and os.path.getsize(path) > _MOST_BYTES:
            os.replace(path, f"{path}.1")
        # One write of a short line to a file that is appended to is whole, however many processes do so.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, (line + "\n").encode("utf-8", "replace"))
        finally:
            os.close(descriptor)
