"""Which handoff waits for the next session of a project, in `state.db`: marked, claimed by one session, given back.

Standard library only: the hook at a session's start claims here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

PENDING, CLAIMED, USED, DROPPED = "pending", "claimed", "used", "dropped"

MANUAL = "manual"
"""The start of a session that nobody has planned a time for."""
# Whether another handoff waits for anyone in the project.
_TAKEN = (
    "EXISTS (SELECT 1 FROM handoffs AS other WHERE other.project = handoffs.project AND other.state = ?"
    " AND other.booking_id = '')"
)
# A session that claimed so long ago and was never answered, nor ended, has crashed.
STALE_CLAIM_S = 12 * 3600.0


class Waiting(NamedTuple):
    """A handoff that was marked for the next session of a project."""

    handoff_id: str
    project: str
    session_id: str
    """The session that it comes from."""
    path: str
    state: str
    marked_at: float
    start: str
    scheduled_for: float | None
    booking_id: str
    """The booking whose session alone may have it; empty for anyone's."""
    claimed_by: str
    claimed_at: float | None


def mark(
    db: sqlite3.Connection,
    handoff_id: str,
    project: str,
    session_id: str,
    path: str,
    start: str,
    scheduled_for: float | None,
    now: float,
    booking_id: str = "",
) -> Waiting:
    """Let a handoff wait for the next session of its project, inside a transaction, and return that it does.

    What waited there before is dropped, unless a booking keeps it.
    """
    waiting = Waiting(handoff_id, project, session_id, path, PENDING, now, start, scheduled_for, booking_id, "", None)
    db.execute(
        "UPDATE handoffs SET state = ? WHERE project = ? AND state = ? AND booking_id = ''", (DROPPED, project, PENDING)
    )
    db.execute("INSERT OR REPLACE INTO handoffs VALUES (?,?,?,?,?,?,?,?,?,?,?)", waiting)
    return waiting


def drop(db: sqlite3.Connection, handoff_id: str) -> bool:
    """Let a handoff wait no longer; False when it did not."""
    changed = db.execute(
        "UPDATE handoffs SET state = ? WHERE handoff_id = ? AND state IN (?, ?)",
        (DROPPED, handoff_id, PENDING, CLAIMED),
    )
    return changed.rowcount > 0


def schedule(db: sqlite3.Connection, handoff_id: str, start: str, scheduled_for: float | None) -> None:
    """Store when the session that shall have a handoff is to start."""
    db.execute(
        "UPDATE handoffs SET start = ?, scheduled_for = ? WHERE handoff_id = ?", (start, scheduled_for, handoff_id)
    )


def tie(db: sqlite3.Connection, handoff_id: str, booking_id: str, at: float) -> bool:
    """Keep a handoff that waits for the session that a booking starts at `at`, inside a transaction.

    From then on only a session that carries WATCHKEEPER_HANDOFF with this id is given it; others are told in a line
    that it exists. A booking that replaces another ties it anew. False when the handoff does not wait: somebody has
    it, or it was dropped.
    """
    changed = db.execute(
        "UPDATE handoffs SET booking_id = ?, scheduled_for = ? WHERE handoff_id = ? AND state = ?",
        (booking_id, at, handoff_id, PENDING),
    )
    return changed.rowcount > 0


def untie(db: sqlite3.Connection, booking_id: str) -> None:
    """Let what a booking keeps wait for anyone, inside a transaction: it was cancelled, or its session never began.

    Where another handoff waits for anyone in the project, that one stays the one that waits.
    """
    db.execute(
        "UPDATE handoffs SET booking_id = '', start = ?, scheduled_for = NULL,"
        f" state = CASE WHEN state = ? AND {_TAKEN} THEN ? ELSE state END WHERE booking_id = ? AND booking_id <> ''",
        (MANUAL, PENDING, PENDING, DROPPED, booking_id),
    )


def booked_for(db: sqlite3.Connection, session_id: str) -> str:
    """Return the handoff of the booking that starts this session, empty for a session that nobody booked."""
    row = db.execute("SELECT handoff_id FROM bookings WHERE session_id = ? LIMIT 1", (session_id,)).fetchone()
    return str(row[0]) if row and session_id else ""


def find(db: sqlite3.Connection, handoff_id: str) -> Waiting | None:
    """Return what is known of a handoff, or None."""
    return _row(db, "handoff_id = ?", handoff_id)


def waiting_in(db: sqlite3.Connection, project: str) -> Waiting | None:
    """Return the handoff that waits in a project for anyone, or None."""
    return _row(db, "project = ? AND state = ? AND booking_id = '' ORDER BY marked_at DESC", project, PENDING)


def booked_in(db: sqlite3.Connection, project: str) -> Waiting | None:
    """Return the handoff that waits in a project for a booked session, or None."""
    return _row(db, "project = ? AND state = ? AND booking_id <> '' ORDER BY scheduled_for", project, PENDING)


def claim(db: sqlite3.Connection, handoff_id: str, session_id: str, now: float) -> bool:
    """Let a session have a pending handoff, inside a transaction; False when another one, or itself, has it already."""
    changed = db.execute(
        "UPDATE handoffs SET state = ?, claimed_by = ?, claimed_at = ? WHERE handoff_id = ? AND state = ?",
        (CLAIMED, session_id, now, handoff_id, PENDING),
    )
    return changed.rowcount > 0


def use(db: sqlite3.Connection, session_id: str) -> None:
    """Count what a session has claimed as used: it was prompted."""
    db.execute("UPDATE handoffs SET state = ? WHERE claimed_by = ? AND state = ?", (USED, session_id, CLAIMED))


def give_back(db: sqlite3.Connection, session_id: str) -> None:
    """Let what a session has claimed wait again, inside a transaction: it ended without a prompt.

    Where another handoff has come to wait in the project meanwhile, that one stays the one that waits.
    """
    db.execute(
        f"UPDATE handoffs SET claimed_by = '', claimed_at = NULL, state = CASE WHEN booking_id = '' AND {_TAKEN}"
        " THEN ? ELSE ? END WHERE claimed_by = ? AND state = ?",
        (PENDING, DROPPED, PENDING, session_id, CLAIMED),
    )


def stale_claimants(db: sqlite3.Connection, project: str, now: float) -> list[str]:
    """Return the sessions that have claimed a handoff of a project long ago and have not ended since."""
    rows = db.execute(
        "SELECT DISTINCT claimed_by FROM handoffs WHERE project = ? AND state = ? AND claimed_at < ?",
        (project, CLAIMED, now - STALE_CLAIM_S),
    )
    return [session_id for (session_id,) in rows]


def _row(db: sqlite3.Connection, condition: str, *values: object) -> Waiting | None:
    row = db.execute(
        "SELECT handoff_id, project, session_id, path, state, marked_at, start, scheduled_for, booking_id, claimed_by,"
        f" claimed_at FROM handoffs WHERE {condition} LIMIT 1",
        values,
    ).fetchone()
    return Waiting(*row) if row else None
