"""The bookings in `state.db`: one row each, whose state changes by one process alone.

    booked ─> firing ─> launching ─> launched
      │  ^      │           └──────> failed: started, but the client gave no sign
      │  └──────┤ not ready yet
      │         └─> refused, missed
      └─> cancelled, replaced

`launching` is written before anything is started and `launched` when the session has given a sign, so whoever finds a
booking in `launching` never starts it again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .objects import object_of, value_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

BOOKED, FIRING, LAUNCHING, LAUNCHED = "booked", "firing", "launching", "launched"
REFUSED, MISSED, FAILED, CANCELLED, REPLACED = "refused", "missed", "failed", "cancelled", "replaced"
WAITING = (BOOKED, FIRING)
OPEN = (BOOKED, FIRING, LAUNCHING)
ASKS = (MISSED, REFUSED)
"""What a person may start all the same."""
_KEPT_DAYS = 90


class Booking(NamedTuple):
    """One booking; times are epoch seconds, None where something has not happened."""

    booking_id: str
    state: str
    at: float
    """When it is tried next, or was tried last."""
    first_at: float
    """What the user asked for."""
    tries: int
    """How often it was found not ready."""
    project: str
    real_project: str
    """The folder that `project` led to when it was booked."""
    handoff_id: str
    scheduler: str
    terminal: str
    """Which terminal the user named, empty for whichever works."""
    plan: str
    environment: str
    left_out: str
    booked_at: float
    booked_by: str
    """user, planning or automation."""
    noticed_at: float | None = None
    fired_at: float | None = None
    fired_by: str = ""
    """Which process has it: its id and start."""
    launched_at: float | None = None
    session_id: str = ""
    """The id that its session is given, known before it starts."""
    preflight: str = "[]"
    preflight_at: float | None = None
    reason: str = ""
    """Why it is where it is, in a sentence."""
    outcome: str = "{}"
    changed_at: float = 0.0

    @property
    def variables(self) -> dict[str, str]:
        """The environment at booking; empty when somebody has made it unreadable."""
        return {name: str(value) for name, value in object_of(self.environment).items()}

    @property
    def left_out_names(self) -> list[str]:
        """The variables that were not stored because they look like secrets."""
        read = value_of(self.left_out)
        return [str(name) for name in read] if isinstance(read, list) else []

    @property
    def facts(self) -> list[dict[str, str]]:
        """What the last preflight found."""
        read = value_of(self.preflight)
        return [each for each in read if isinstance(each, dict)] if isinstance(read, list) else []

    @property
    def result(self) -> dict[str, Any]:
        """What is known of the session it started."""
        return object_of(self.outcome)


_COLUMNS = ", ".join(Booking._fields)


def insert(db: sqlite3.Connection, booking: Booking) -> None:
    """Store a new booking, inside a transaction, and drop what ended long ago."""
    marks = ",".join("?" * len(Booking._fields))
    db.execute(f"INSERT INTO bookings ({_COLUMNS}) VALUES ({marks})", booking)
    db.execute(
        f"DELETE FROM bookings WHERE changed_at < ? AND state NOT IN ({_quoted(OPEN)})",
        (booking.booked_at - _KEPT_DAYS * 86_400.0,),
    )


def find(db: sqlite3.Connection, booking_id: str) -> Booking | None:
    """Return a booking by its id, or None."""
    return next(iter(_rows(db, "booking_id = ?", booking_id)), None)


def named(db: sqlite3.Connection, beginning: str) -> list[Booking]:
    """Return the bookings whose id begins so, the newest first."""
    exact = find(db, beginning)
    if exact is not None:
        return [exact]
    return _rows(db, "substr(booking_id, 1, ?) = ? ORDER BY booked_at DESC", len(beginning), beginning)


def in_states(db: sqlite3.Connection, states: Sequence[str], project: str = "") -> list[Booking]:
    """Return the bookings in these states, of one project or of all, the soonest first."""
    where = f"state IN ({_quoted(states)})" + (" AND project = ?" if project else "")
    return _rows(db, f"{where} ORDER BY at, booking_id", *((project,) if project else ()))


def latest(db: sqlite3.Connection, most: int) -> list[Booking]:
    """Return the bookings that changed last."""
    return _rows(db, "1 ORDER BY changed_at DESC, booking_id LIMIT ?", most)


def move(
    db: sqlite3.Connection, booking_id: str, out_of: Sequence[str], to: str, now: float, **columns: object
) -> bool:
    """Change a booking's state, inside a transaction; False when it is in none of `out_of`: another was faster."""
    changes = {"state": to, "changed_at": now, **columns}
    assignments = ", ".join(f"{name} = ?" for name in changes)
    changed = db.execute(
        f"UPDATE bookings SET {assignments} WHERE booking_id = ? AND state IN ({_quoted(out_of)})",
        (*changes.values(), booking_id),
    )
    return changed.rowcount > 0


def note(db: sqlite3.Connection, booking_id: str, **columns: object) -> None:
    """Store what became known of a booking, inside a transaction."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE bookings SET {assignments} WHERE booking_id = ?", (*columns.values(), booking_id))


def encoded(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return what a column holds for a list or an object."""
    return json.dumps(value, ensure_ascii=False)


def _rows(db: sqlite3.Connection, where: str, *values: object) -> list[Booking]:
    return [Booking(*row) for row in db.execute(f"SELECT {_COLUMNS} FROM bookings WHERE {where}", values)]


def _quoted(states: Iterable[str]) -> str:
    return ", ".join(f"'{state}'" for state in states)
