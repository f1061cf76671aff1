"""What tasks really took, kept so that the next estimate of one like it is better than a table's."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

    from .task import Task

_MOST_RUNS = 30
_FEWEST_ALIKE = 3


class Learned(NamedTuple):
    """What a task like one took; None where too little is known."""

    tokens: int | None = None
    duration_s: float | None = None


NOTHING = Learned()


def record(db: sqlite3.Connection, task: Task, tokens_used: int | None, duration_s: float, at: float) -> None:
    """Keep what a task took, inside a transaction; its tokens are 0 where nobody knows of any."""
    db.execute(
        "INSERT OR REPLACE INTO task_runs (project, task_id, at, complexity, tokens, duration_s) VALUES (?,?,?,?,?,?)",
        (task.project, task.id, at, task.complexity, tokens_used or 0, duration_s),
    )


def learned(db: sqlite3.Connection, task: Task) -> Learned:
    """Return what a task like this one took: this very one in its project, else prompts of its complexity.

    It is the middle one of the last thirty; of other prompts at least three are needed. Of other commands nothing is
    learned: what two of them have in common nobody knows.
    """
    same = ("project = ? AND task_id = ?", task.project, task.id)
    alike = ("complexity = ? AND tokens > 0", task.complexity)
    found: list[float | None] = []
    for column in ("tokens", "duration_s"):
        taken = _taken(db, column, *same)
        if not taken and task.is_prompt:
            others = _taken(db, column, *alike)
            taken = others if len(others) >= _FEWEST_ALIKE else []
        found.append(statistics.median(taken) if taken else None)
    tokens, duration_s = found
    return Learned(None if tokens is None else round(tokens), duration_s)


def _taken(db: sqlite3.Connection, column: str, condition: str, *values: str) -> list[float]:
    rows = db.execute(
        f"SELECT {column} FROM task_runs WHERE {condition} AND {column} > 0 ORDER BY at DESC LIMIT {_MOST_RUNS}", values
    ).fetchall()
    return [row[0] for row in rows]
