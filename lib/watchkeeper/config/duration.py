"""How long: `90m`, `2h`, `1h30m`, `3d` on a command line."""

from __future__ import annotations

import re

from watchkeeper.errors import UserError

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONG_NAMES = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "day": "d", "days": "d", "week": "w", "weeks": "w",
}  # fmt: skip
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]+)\s*", re.ASCII)
_LONGEST_S = 366 * 86_400.0


def parse_duration(text: str) -> float:
    """Return the seconds that `text` says, such as `90m` or `1h30m`; raise UserError for anything else, or none at all.

    Each unit may stand once, the larger one first. A year is the longest.
    """
    stripped = text.strip().lower()
    seconds = 0.0
    position = 0
    smallest_s: float = float("inf")
    while position < len(stripped):
        match = _PART.match(stripped, position)
        unit = match and (match[2] if match[2] in _UNITS_S else _LONG_NAMES.get(match[2]))
        if match is None or not unit or _UNITS_S[unit] >= smallest_s:
            raise _refusal(text)
        smallest_s = _UNITS_S[unit]
        seconds += float(match[1]) * smallest_s
        position = match.end()
    if not 0 < seconds <= _LONGEST_S:
        raise _refusal(text)
    return seconds


def _refusal(text: str) -> UserError:
    return UserError(f"{text!r} is no duration: write it like 90m, 2h, 1h30m or 3d (a year at most).", exit_code=2)
