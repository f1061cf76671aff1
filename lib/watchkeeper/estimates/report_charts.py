"""Which pictures belong to a report, and the figures that they are drawn from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from watchkeeper.core.usage import counted_sum

from . import charts, progress
from .charts import Point

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .tracked import Tracked

_MOST_POINTS = 120
_FEWEST_SESSIONS = 2


def burn_down(db: sqlite3.Connection, made: Tracked) -> dict[str, Any] | None:
    """Return the points of the picture: the plan's, where it has hours, and what was left as it was used."""
    until = made.ended_at if made.ended_at is not None else float("inf")
    rows = db.execute(
        f"SELECT at, {counted_sum(made.counted)} FROM responses"
        " WHERE session_id = ? AND at >= ? AND at < ? ORDER BY at",
        (made.session_id, made.started_at, until),
    ).fetchall()
    if len(rows) < 2:
        return None
    actual, taken, hours = [Point(0.0, made.mid_tokens)], 0, 0.0
    for place, (at, tokens) in enumerate(rows):
        before = rows[place - 1][0] if place else made.started_at or at
        hours += progress.active_hours([before, at], [])
        taken += tokens
        actual.append(Point(hours, made.mid_tokens - taken))
    return {"plan": _planned(made), "actual": _thinned(actual)}


def pictures(view: dict[str, Any], name: str) -> dict[str, str]:
    """Return the pictures of a report as SVG, by file name."""
    found = {}
    points = view["burn_down"]
    if points is not None:
        found[f"{name}-burn-down.svg"] = charts.burn_down(view["estimate"]["title"], points["plan"], points["actual"])
    sessions = view["trend"]["sessions"]
    if len(sessions) >= _FEWEST_SESSIONS:
        days = [time.strftime("%m-%d", time.localtime(each["at"])) for each in sessions]
        found[f"{name}-accuracy.svg"] = charts.accuracy_trend(
            "How close estimates came", days, [each["accuracy_pct"] for each in sessions]
        )
    return found


def _planned(made: Tracked) -> list[Point]:
    if any(not phase.hours for phase in made.phases):
        return []
    points, hours, left = [Point(0.0, made.mid_tokens)], 0.0, made.mid_tokens
    for phase in made.phases:
        hours, left = hours + (phase.hours or 0.0), left - phase.mid_tokens
        points.append(Point(hours, max(0.0, left)))
    return points


def _thinned(points: Sequence[Point]) -> list[Point]:
    step = max(1, len(points) // _MOST_POINTS)
    return [*points[:-1:step], points[-1]]
