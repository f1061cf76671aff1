"""Hours of the week as a person writes them: `22:00-07:00`, `Mon-Fri 09:00-18:00`."""

from __future__ import annotations

import re
from typing import NamedTuple

from watchkeeper.core.limit_message import clock_time

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60
_HOURS = re.compile(r"(?:([a-z ,-]+) )?(\S+) ?(?:-|–|to) ?(\S+)", re.ASCII)
_LONGEST = 100


class Hours(NamedTuple):
    """Hours that repeat each week, in minutes by the clock on the wall."""

    days: tuple[int, ...]
    """The days they begin on; Monday is 0."""
    start_min: int
    end_min: int
    """Over 24 hours where they end on the next day."""


def parse_hours(text: str) -> Hours:
    """Return the hours that `text` means; without days they are every day's.

    Hours that end earlier than they begin end on the next day. Raise ValueError, saying how to write them, for others.
    """
    match = _HOURS.fullmatch(" ".join(text.lower().replace("–", "-").split())) if len(text) <= _LONGEST else None
    days = _days(match[1]) if match else ()
    start_min, end_min = (_minutes(match[2]), _minutes(match[3])) if match else (None, None)
    if not days or start_min is None or end_min is None or start_min in (end_min, DAY_MIN):
        raise ValueError(f"has {text!r}, which means no hours: write them like 22:00-07:00 or Mon-Fri 09:00-18:00")
    return Hours(days, start_min, end_min if end_min > start_min else end_min + DAY_MIN)


def _days(text: str | None) -> tuple[int, ...]:
    if text is None:
        return tuple(range(7))
    found: set[int] = set()
    for part in text.replace(",", " ").replace(" - ", "-").split():
        first, dash, last = part.partition("-")
        begin, end = _day(first), _day(last if dash else first)
        if begin is None or end is None:
            return ()
        found |= {(begin + offset) % 7 for offset in range((end - begin) % 7 + 1)}
    return tuple(sorted(found))


def _day(word: str) -> int | None:
    names = [name for name in DAYS if word.startswith(name)]
    full = {"mon": "monday", "tue": "tuesday", "wed": "wednesday", "thu": "thursday", "fri": "friday",
            "sat": "saturday", "sun": "sunday"}  # fmt: skip
    return DAYS.index(names[0]) if names and full[names[0]].startswith(word) else None


def _minutes(word: str) -> int | None:
    if word in ("24:00", "24"):
        return DAY_MIN
    time = clock_time(f"{word}:00" if word.isdigit() else word)
    return None if time is None else time[0] * 60 + time[1]
