"""Days in the user's time zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

# Every zone's offset is a multiple of this, so that what is summed by it can still be put into days.
SLICE_S = 900


def day_of(at: float, zone: tzinfo | None = None) -> str:
    """Return the day (`2026-11-20`) of epoch seconds in `zone`, None for this machine's own; empty if there is none."""
    try:
        return datetime.fromtimestamp(at, zone).date().isoformat()
    except (OSError, OverflowError, ValueError):
        return ""


def start_of_day(at: float, zone: tzinfo | None = None, days_before: int = 0) -> float:
    """Return when the day began that `at` is in, or one that many days before."""
    day = datetime.fromtimestamp(at, zone).date() - timedelta(days=days_before)
    return datetime.combine(day, time(), zone).timestamp()
