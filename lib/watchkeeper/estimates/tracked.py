"""Saved estimates and what became of them, in `state.db`: written here, read also by hooks and by what learns."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .interval import Interval
    from .session_estimate import SessionEstimate

SAVED, RUNNING, DONE, REPLACED = "saved", "running", "done", "replaced"
# What was told of a phase, as bits.
TOLD_OUTSIDE, TOLD_ENDED = 1, 2


class TrackedPhase(NamedTuple):
    """A phase of a saved estimate. It runs from `started_at` to `ended_at`; both are None before."""

    number: int
    name: str
    task_type: str
    hours: float | None
    libraries: tuple[str, ...]
    new_libraries: tuple[str, ...]
    low_tokens: float
    mid_tokens: float
    high_tokens: float
    started_at: float | None
    ended_at: float | None
    actual_tokens: int | None
    actual_hours: float | None
    line: int | None
    told: int


class Tracked(NamedTuple):
    """A saved estimate, and the session that it is compared with."""

    estimate_id: str
    session_id: str
    project: str
    plan_path: str
    title: str
    made_at: float
    hours: float | None
    low_tokens: float
    mid_tokens: float
    high_tokens: float
    coverage: float
    counted: tuple[str, ...]
    state: str
    started_at: float | None
    ended_at: float | None
    actual_tokens: int | None
    actual_hours: float | None
    plan_modified_ns: int | None
    phases: tuple[TrackedPhase, ...]

    @property
    def current(self) -> TrackedPhase | None:
        """The phase that is being worked on."""
        return next((each for each in self.phases if each.started_at is not None and each.ended_at is None), None)


_COLUMNS = """estimate_id, session_id, project, plan_path, title, made_at, hours, low_tokens, mid_tokens, high_tokens,
    coverage, counted, state, started_at, ended_at, actual_tokens, actual_hours, plan_modified_ns"""
_PHASE_COLUMNS = """number, name, task_type, hours, libraries, new_libraries, low_tokens, mid_tokens, high_tokens,
    started_at, ended_at, actual_tokens, actual_hours, line, told"""


def save(
    db: sqlite3.Connection,
    made: SessionEstimate,
    total: dict[str, Any],
    counted: Sequence[str],
    modified_ns: int | None,
    session_id: str,
    now: float,
) -> str:
    """Store an estimate inside a transaction and return its id. It waits for `session_id`, or for the next session.

    What waited for the same project is replaced, and what the same session was compared with is over.
    """
    digest = hashlib.blake2s(f"{made.plan.path}\0{session_id}\0{now}".encode("utf-8", "surrogateescape"), digest_size=6)
    estimate_id = digest.hexdigest()
    db.execute(
        "UPDATE estimates SET state = ? WHERE state = ? AND session_id = '' AND project = ?",
        (REPLACED, SAVED, made.project),
    )
    # Phases that it finished can be learned from all the same.
    db.execute(
        "UPDATE estimates SET ended_at = ?, state = CASE WHEN EXISTS (SELECT 1 FROM estimate_phases AS own"
        " WHERE own.estimate_id = estimates.estimate_id AND own.ended_at IS NOT NULL AND own.actual_tokens > 0)"
        " THEN ? ELSE ? END WHERE session_id = ? AND session_id <> '' AND state IN (?, ?)",
        (now, DONE, REPLACED, session_id, SAVED, RUNNING),
    )
    hours = made.hours
    db.execute(
        f"INSERT OR REPLACE INTO estimates ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,NULL,NULL,NULL,NULL,?)",
        (
            estimate_id, session_id, made.project, made.plan.path, made.plan.title, now,
            None if hours is None else hours.mid, total["low_tokens"], total["mid_tokens"], total["high_tokens"],
            total["coverage"] or 0.0, " ".join(counted), SAVED, modified_ns,
        ),
    )  # fmt: skip
    db.execute("DELETE FROM estimate_phases WHERE estimate_id = ?", (estimate_id,))
    for number, each in enumerate(made.phases, 1):
        work, own = each.work, each.work.own_range or (None, None)
        db.execute(
            "INSERT OR REPLACE INTO estimate_phases (estimate_id, number, name, task_type, hours, size, familiarity,"
            " quality, libraries, new_libraries, own_low_tokens, own_high_tokens, low_tokens, mid_tokens, high_tokens,"
            " line) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                estimate_id, number, each.phase.name, work.task_type, work.hours, work.size, work.familiarity,
                work.quality, " ".join(work.libraries), " ".join(work.new_libraries), *own, *each.interval[:3],
                each.phase.line,
            ),
        )  # fmt: skip
    return estimate_id


def of_session(db: sqlite3.Connection, session_id: str) -> Tracked | None:
    """Return the estimate that a session is or was compared with, the latest, or None."""
    if not session_id:
        return None
    return _find(db, "session_id = ? AND state IN (?, ?, ?) ORDER BY made_at DESC", session_id, SAVED, RUNNING, DONE)


def find(db: sqlite3.Connection, estimate_id: str) -> Tracked | None:
    """Return a saved estimate, or None."""
    return _find(db, "estimate_id = ?", estimate_id)


def waiting_in(db: sqlite3.Connection, project: str) -> Tracked | None:
    """Return the estimate that waits for the next session of a project, or None."""
    return _find(db, "session_id = '' AND state = ? AND project = ? ORDER BY made_at DESC", SAVED, project)


def waiting(db: sqlite3.Connection) -> list[Tracked]:
    """Return the estimates that wait for the next session of their projects."""
    rows = db.execute("SELECT estimate_id FROM estimates WHERE state = ? AND session_id = ''", (SAVED,)).fetchall()
    found = (find(db, row[0]) for row in rows)
    return [each for each in found if each is not None]


def running(db: sqlite3.Connection) -> list[Tracked]:
    """Return the estimates that live sessions are compared with."""
    rows = db.execute("SELECT estimate_id FROM estimates WHERE state = ? ORDER BY made_at", (RUNNING,)).fetchall()
    found = (find(db, row[0]) for row in rows)
    return [each for each in found if each is not None]


def finished(db: sqlite3.Connection) -> list[Tracked]:
    """Return the estimates whose sessions are over, in the order of their ends."""
    rows = db.execute(
        "SELECT estimate_id FROM estimates WHERE state = ? AND actual_tokens > 0 ORDER BY ended_at", (DONE,)
    ).fetchall()
    found = (find(db, row[0]) for row in rows)
    return [each for each in found if each is not None]


def start(db: sqlite3.Connection, estimate_id: str, session_id: str, now: float) -> None:
    """Compare a session with an estimate from now on, inside a transaction: its first phase begins."""
    db.execute(
        "UPDATE estimates SET session_id = ?, state = ?, started_at = ifnull(started_at, ?), ended_at = NULL"
        " WHERE estimate_id = ?",
        (session_id, RUNNING, now, estimate_id),
    )
    made = find(db, estimate_id)
    if made is not None and made.current is None:
        first = next((each for each in made.phases if each.ended_at is None), None)
        if first is not None:
            begin_phase(db, estimate_id, first.number, now)


def begin_phase(db: sqlite3.Connection, estimate_id: str, number: int, now: float) -> None:
    """Let a phase begin, also one that was over, inside a transaction."""
    db.execute(
        "UPDATE estimate_phases SET started_at = ifnull(started_at, ?), ended_at = NULL WHERE estimate_id = ?"
        " AND number = ?",
        (now, estimate_id, number),
    )


def end_phase(db: sqlite3.Connection, estimate_id: str, number: int, now: float) -> None:
    """Let a phase end, inside a transaction; one that never began took nothing."""
    db.execute(
        "UPDATE estimate_phases SET started_at = ifnull(started_at, ?), ended_at = ifnull(ended_at, ?)"
        " WHERE estimate_id = ? AND number = ?",
        (now, now, estimate_id, number),
    )


def stop(db: sqlite3.Connection, estimate_id: str) -> None:
    """Forget comparing with an estimate, inside a transaction; what it took so far is no case to learn from."""
    db.execute("UPDATE estimates SET state = ? WHERE estimate_id = ?", (REPLACED, estimate_id))


def end(db: sqlite3.Connection, estimate_id: str, now: float) -> None:
    """Compare no longer, inside a transaction: the session is over. Its open phase stays unfinished."""
    db.execute("UPDATE estimates SET state = ?, ended_at = ? WHERE estimate_id = ?", (DONE, now, estimate_id))


def copy_rest(
    db: sqlite3.Connection,
    made: Tracked,
    rest: Sequence[tuple[int, Interval]],
    total: tuple[float, float, float],
    coverage: float,
    now: float,
) -> str:
    """Store the phases `rest` (numbers, and what is left of them) as an estimate that waits, inside a transaction."""
    estimate_id = hashlib.blake2s(f"{made.estimate_id}\0{now}".encode(), digest_size=6).hexdigest()
    numbers = dict(rest)
    hours = [each.hours for each in made.phases if each.number in numbers]
    db.execute(
        f"INSERT OR REPLACE INTO estimates ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,NULL,NULL,NULL,NULL,?)",
        (
            estimate_id, "", made.project, made.plan_path, made.title, made.ended_at or now,
            sum(each for each in hours if each) if all(hours) else None, *total, coverage, " ".join(made.counted),
            SAVED, made.plan_modified_ns,
        ),
    )  # fmt: skip
    for number, (old, part) in enumerate(rest, 1):
        db.execute(
            "INSERT INTO estimate_phases (estimate_id, number, name, task_type, hours, size, familiarity, quality,"
            " libraries, new_libraries, own_low_tokens, own_high_tokens, low_tokens, mid_tokens, high_tokens, line)"
            " SELECT ?, ?, name, task_type, hours, size, familiarity, quality, libraries, new_libraries,"
            " own_low_tokens, own_high_tokens, ?, ?, ?, line FROM estimate_phases WHERE estimate_id = ? AND number = ?",
            (estimate_id, number, *part[:3], made.estimate_id, old),
        )
    return estimate_id


def mark_told(db: sqlite3.Connection, estimate_id: str, number: int, what: int) -> bool:
    """Claim telling something of a phase, inside a transaction; False when it was told before."""
    changed = db.execute(
        "UPDATE estimate_phases SET told = told | ? WHERE estimate_id = ? AND number = ? AND told & ? = 0",
        (what, estimate_id, number, what),
    )
    return changed.rowcount > 0


def _find(db: sqlite3.Connection, condition: str, *values: object) -> Tracked | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM estimates WHERE {condition} LIMIT 1", values).fetchone()
    if row is None:
        return None
    phases = db.execute(
        f"SELECT {_PHASE_COLUMNS} FROM estimate_phases WHERE estimate_id = ? ORDER BY number", (row[0],)
    ).fetchall()
    taken = [
        TrackedPhase._make([*each[:4], tuple(each[4].split()), tuple(each[5].split()), *each[6:]]) for each in phases
    ]
    return Tracked._make([*row[:11], tuple(row[11].split()), *row[12:], tuple(taken)])
