"""A moment as this machine's clocks show it, with how far they are ahead of UTC."""

from __future__ import annotations

from datetime import datetime, timezone


def local_time(at: float) -> datetime:
    """Return epoch seconds, to the second, as local time; as UTC where the variable TZ is a day or more off it.

    No time with an offset says so much (`XYZ-99` for example). Raise ValueError, OverflowError or OSError for a time
    that no calendar knows.
    """
    moment = datetime.fromtimestamp(int(at), timezone.utc)
    try:
        return moment.astimezone()
    except ValueError:
        return moment


def minute(at: float) -> str:
    """Return epoch seconds as a local day and time without seconds; errors as above."""
    return local_time(at).strftime("%Y-%m-%d %H:%M")
