"""From a share to a level, and which thresholds it has passed. Compared unrounded."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOWEST = "fresh"
UNKNOWN = "unknown"


def level_of(pct: float | None, starts_pct: Mapping[str, float]) -> str:
    """Return the level that a share belongs to, given the share each level starts at; `fresh` is below them all."""
    if pct is None:
        return UNKNOWN
    level, start = LOWEST, -1.0
    for name, begins in starts_pct.items():
        if start < begins <= pct:
            level, start = name, begins
    return level


def passed(value: float | None, thresholds: Iterable[float]) -> tuple[float, ...]:
    """Return the thresholds that `value` has reached, ascending."""
    if value is None:
        return ()
    return tuple(sorted(threshold for threshold in thresholds if threshold <= value))


def next_threshold(value: float | None, thresholds: Iterable[float]) -> float | None:
    """Return the lowest threshold above `value`, or None."""
    if value is None:
        return None
    return min((threshold for threshold in thresholds if threshold > value), default=None)
