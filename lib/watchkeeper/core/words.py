"""Figures as a person reads them: durations, times of day, tokens, shares."""

from __future__ import annotations

import time


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: `45s`, `27m`, `1h 18m`, `3d 4h`."""
    whole = int(max(0.0, seconds))
    if whole < 60:
        return f"{whole}s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if hours < 1:
        return f"{minutes}m"
    if days < 1:
        return f"{hours}h {minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{days}d {hours % 24}h" if hours % 24 else f"{days}d"


def clock_time(at: float, now: float) -> str:
    """Return the local time of day, with the weekday or date when it is not today's."""
    moment, today = time.localtime(at), time.localtime(now)
    if moment[:3] == today[:3]:
        return time.strftime("%H:%M", moment)
    if 0 <= at - now < 6 * 86400:
        return time.strftime("%a %H:%M", moment)
    return time.strftime("%Y-%m-%d %H:%M", moment)


def share(pct: float) -> str:
    """Return a percentage as it is shown: floored, so that it never promises a threshold that is not reached."""
    return f"{int(pct)}%"


def tokens(count: float) -> str:
    """Return a rounded count: `950`, `45k`, `1.2M`."""
    if count < 1000:
        return str(int(count))
    if count < 999_500:
        return f"{count / 1000:.0f}k"
    return f"{count / 1_000_000:.1f}M"


def age(seconds: float) -> str:
    """Return how old something is: `just now`, `12m ago`."""
    return "just now" if seconds < 60 else f"{duration(seconds)} ago"
