"""What tasks really took, kept so that the next estimate of one like it is better than a table's."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from .task import Task

_MOST_RUNS = 30
_FEWEST_ALIKE = 3


def record(db: sqlite3.Connection, task: Task, tokens_used: int, at: float) -> None:
    """Keep what a task took, inside a transaction."""
    db.execute(
        "INSERT OR REPLACE INTO task_runs VALUES (?,?,?,?,?)", (task.project, task.id, at, task.complexity, tokens_used)
    )


def learned_tokens(db: sqlite3.Connection, task: Task) -> int | None:
    """Return what a task like this one took: this very one in its project, else those of its complexity; or None.

    It is the middle one of the last thirty; of other tasks at least three are needed.
    """
    same = _taken(db, "project = ? AND task_id = ?", task.project, task.id)
    if same:
        return round(statistics.median(same))
    alike = _taken(db, "complexity = ?", task.complexity)
    return round(statistics.median(alike)) if len(alike) >= _FEWEST_ALIKE else None


def _taken(db: sqlite3.Connection, condition: str, *values: str) -> list[int]:
    rows = db.execute(
        f"SELECT tokens FROM task_runs WHERE {condition} ORDER BY at DESC LIMIT {_MOST_RUNS}", values
    ).fetchall()
    return [row[0] for row in rows if row[0] > 0]
