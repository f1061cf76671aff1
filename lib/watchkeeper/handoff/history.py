"""What sessions have taken so far: the ground that an estimate stands on."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.usage import counted_sum

if TYPE_CHECKING:
    import sqlite3

_MOST_SESSIONS = 20
FEWEST_SESSIONS = 3
# Sessions that only looked something up say nothing of what work takes.
_LEAST_TOKENS = 2_000
# An estimate further than this from what sessions took is worth a word.
_FAR = 2.0


class History(NamedTuple):
    """What recent sessions took, in counted tokens: the middle one, and what half of them lie between."""

    sessions: int
    middle_tokens: int
    low_tokens: int
    high_tokens: int
    here: bool
    """They were sessions of this project; else of all projects."""


def read_history(db: sqlite3.Connection, settings: dict[str, dict[str, Any]], project: str, but: str) -> History | None:
    """Return what recent sessions took, those of `project` if there are enough, the session `but` left out."""
    for here in (True, False):
        taken = _taken(db, settings, project if here else None, but)
        if len(taken) >= FEWEST_SESSIONS:
            low, middle, high = statistics.quantiles(taken, n=4, method="inclusive")
            return History(len(taken), round(middle), round(low), round(high), here)
    return None


def session_tokens(db: sqlite3.Connection, settings: dict[str, dict[str, Any]], session_id: str) -> int | None:
    """Return the counted tokens of a session, its sub-agents included; None when nothing is known of it."""
    total = counted_sum(settings["quota"]["counted"])
    row = db.execute(f"SELECT sum({total}) FROM responses WHERE session_id = ?", (session_id,)).fetchone()
    return None if row[0] is None else int(row[0])


def verdict(estimated_tokens: int | None, history: History | None) -> str:
    """Return what history says of an estimate: fits, low, high, or unknown."""
    if estimated_tokens is None or history is None:
        return "unknown"
    if estimated_tokens * _FAR < history.low_tokens:
        return "low"
    return "high" if estimated_tokens > history.high_tokens * _FAR else "fits"


def _taken(db: sqlite3.Connection, settings: dict[str, dict[str, Any]], project: str | None, but: str) -> list[int]:
    total = counted_sum(settings["quota"]["counted"])
    rows = db.execute(
        f"SELECT sum({total}) AS taken FROM responses JOIN sessions USING (session_id)"
        " WHERE session_id <> ? AND (? IS NULL OR project = ?) GROUP BY session_id HAVING taken >= ?"
        " ORDER BY max(sessions.last_at) DESC LIMIT ?",
        (but, project, project, _LEAST_TOKENS, _MOST_SESSIONS),
    )
    return [int(row[0]) for row in rows]
