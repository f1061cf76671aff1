"""The queue in `state.db`: read as a whole, written session by session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .model import Change, PlannedSession

if TYPE_CHECKING:
    import sqlite3

    from .dependencies import Queue

_COLUMNS = (
    "id", "name", "objectives", "project", "agent", "estimated_tokens", "low_tokens", "high_tokens", "hours",
    "priority", "after_ids", "at", "handoff", "state", "session_id", "tokens_before", "used_tokens", "created_at",
    "changed_at",
)  # fmt: skip
_LISTS = ("objectives", "after_ids")


def read(db: sqlite3.Connection) -> Queue:
    """Return all sessions that were ever queued, by id, the oldest first."""
    history: dict[str, list[Change]] = {}
    for name, state, at, estimated_tokens in db.execute(
        "SELECT id, state, at, estimated_tokens FROM planned_changes ORDER BY id, number"
    ):
        history.setdefault(name, []).append(Change(state=state, at=at, estimated_tokens=estimated_tokens))
    queue: Queue = {}
    for row in db.execute(f"SELECT {', '.join(_COLUMNS)} FROM planned_sessions ORDER BY created_at, id"):
        values = dict(zip(_COLUMNS, row, strict=True))
        values |= {name: tuple(json.loads(values[name])) for name in _LISTS}
        queue[values["id"]] = PlannedSession(**values, history=tuple(history.get(values["id"], ())))
    return queue


def write(db: sqlite3.Connection, session: PlannedSession) -> None:
    """Store a session, new or changed, with the states it came into since; inside a transaction."""
    values = session.model_dump(include=set(_COLUMNS))
    values |= {name: json.dumps(values[name], ensure_ascii=False) for name in _LISTS}
    db.execute(
        f"INSERT OR REPLACE INTO planned_sessions ({', '.join(_COLUMNS)}) VALUES ({','.join('?' * len(_COLUMNS))})",
        tuple(values[name] for name in _COLUMNS),
    )
    db.executemany(
        "INSERT OR IGNORE INTO planned_changes VALUES (?,?,?,?,?)",
        [
            (session.id, number, change.state, change.at, change.estimated_tokens)
            for number, change in enumerate(session.history)
        ],
    )
