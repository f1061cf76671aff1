"""When: `18:30`, `6:40pm`, `2h ago`, `yesterday`, `2026-11-20 14:00` on a command line."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from watchkeeper.core.limit_message import clock_time, epochs_at
from watchkeeper.errors import UserError

from .duration import parse_duration

Direction = Literal["future", "past"]

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]+(.+))?", re.IGNORECASE | re.ASCII)
_ISO_TIME = re.compile(
    r"(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?", re.IGNORECASE | re.ASCII
)


def parse_moment(
    text: str, now: float, zone: tzinfo | None = None, direction: Direction = "future", ends_day: bool = False
) -> float:
    """Return the epoch seconds that `text` means at `now` in `zone` (None: this machine's own).

    A time without a day is the next one for the future, the last one for the past, where a duration alone is ago too.
    A day without a time is its
    beginning, or its end with `ends_day`. A time that clocks skip is taken as much later. Raise UserError when
    `text` is not understood.
    """
    try:
        at = _parse(" ".join(text.strip().lower().split()), now, zone, direction, ends_day)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None:
        raise UserError(
            f"{text!r} is no time: write it like 18:30, 6:40pm, tomorrow 9:00, 2026-11-20 14:00, in 2h or 2h ago.",
            exit_code=2,
        )
    return at


def _parse(text: str, now: float, zone: tzinfo | None, direction: Direction, ends_day: bool) -> float | None:
    if text == "now":
        return now
    if text.endswith(" ago"):
        return now - _duration_s(text.removesuffix(" ago"))
    if text.startswith(("in ", "+")):
        return now + _duration_s(text.removeprefix("in ").removeprefix("+"))
    today = datetime.fromtimestamp(now, zone).date()
    word, _, rest = text.partition(" ")
    if word in _DAYS:
        day = today + timedelta(days=_DAYS[word])
        if not rest:
            return _whole_day(day, zone, ends_day)
        time = clock_time(_joined(rest.removeprefix("at ")))
        return None if time is None else _clock_at(day, *time, zone)
    match = _ISO_DATE.fullmatch(text)
    if match:
        day = date.fromisoformat(match[1])
        return _whole_day(day, zone, ends_day) if match[2] is None else _time_on(day, match[2].strip(), zone)
    time = clock_time(_joined(text))
    if time is not None:
        return _nearest(today, *time, now, zone, direction)
    return now - _duration_s(text) if direction == "past" else None


def _time_on(day: date, text: str, zone: tzinfo | None) -> float | None:
    match = _ISO_TIME.fullmatch(text)
    if match is None:
        time = clock_time(_joined(text.removeprefix("at ")))
        return None if time is None else _clock_at(day, *time, zone)
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    fraction = float(f"0.{match[4] or 0}")
    offset = match[5]
    if offset is None:
        datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - raises ValueError for 25:00
        return _clock_at(day, hour, minute, zone) + second + fraction
    digits = offset[1:].replace(":", "")
    sign = "-" if offset[0] == "-" else "+"
    shift = "+00:00" if offset == "z" else f"{sign}{digits[:2]}:{digits[2:] or '00'}"
    return datetime.fromisoformat(f"{day}T{hour:02}:{minute:02}:{second:02}{shift}").timestamp() + fraction


def _nearest(
    today: date, hour: int, minute: int, now: float, zone: tzinfo | None, direction: Direction
) -> float | None:
    offsets = range(-2, 4)
    found = [at for offset in offsets for at in epochs_at(today + timedelta(days=offset), hour, minute, zone)]
    if direction == "future":
        return min((at for at in found if at >= now), default=None)
    return max((at for at in found if at <= now), default=None)


def _clock_at(day: date, hour: int, minute: int, zone: tzinfo | None) -> float:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()


def _whole_day(day: date, zone: tzinfo | None, ends_day: bool) -> float:
    return _clock_at(day + timedelta(days=1) if ends_day else day, 0, 0, zone)


def _joined(text: str) -> str:
    """`6:40 pm` as one word."""
    return text.replace(" ", "") if text.endswith((" am", " pm")) else text


def _duration_s(text: str) -> float:
    try:
        return parse_duration(text)
    except UserError:
        raise ValueError(text) from None
