"""A scheduled session of the queue and the booking that starts it by itself: made together, and taken back together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.automation import asking, booking, bookings, doors, recovery
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.handoff import pending, start_time
from watchkeeper.handoff.planning import ToBook
from watchkeeper.planner import calling, rows, starting
from watchkeeper.planner.forecast import AFTER_RESET_S
from watchkeeper.planner.model import RUNNING

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.handoff.pending import Waiting
    from watchkeeper.planner.model import PlannedSession

BY = "queue"


def book(app: App, session_id: str) -> dict[str, Any] | None:
    """Let a scheduled session start by itself at its time, and return what is shown of the booking.

    None, said on standard error, when that is not possible: it stays scheduled, and a person starts it. None too for
    whoever has no scheduler start anything.
    """
    if app.settings["automation"]["scheduler"] == booking.NONE:
        return None
    try:
        return _booked(app, rows.read(app.ledger.state)[session_id])
    except UserError as error:
        app.complain(f"{session_id} is noted, and does not start by itself: {error}")
        return None


def _booked(app: App, session: PlannedSession) -> dict[str, Any]:
    outside = doors.real(app)
    # One that a killed process has left is in nobody's way.
    recovery.settle(app, outside)
    project = calling.project_of(app, session.project)
    others = bookings.in_states(app.ledger.state, bookings.OPEN, project)
    if any(each.handoff_id != session.handoff for each in others):
        raise UserError(f"another session is booked in {project}; /automation-status shows it.")
    session, entry = starting.with_handoff(app, session, project)
    at = float(session.at or app.now)
    db = app.ledger.state
    waiting = pending.waiting_in(db, project)
    with Transaction(db):
        pending.mark(db, entry.id, project, entry.session_id, entry.path, pending.MANUAL, at, app.now)
    resets_at = calling.resets_at(app)
    choice = start_time.AFTER_RESET if resets_at is not None and at == resets_at + AFTER_RESET_S else "at"
    try:
        booking_made = asking.book_planned(app, ToBook(entry.id, project, session.agent, choice, at), outside, BY)
    except UserError:
        with Transaction(db):
            pending.drop(db, entry.id)
        raise
    finally:
        if waiting is not None and waiting.handoff_id != entry.id:
            _let_wait(app, waiting)
    shown = asking.booked_view(app, booking_made, outside)
    return {**shown["booking"], "against": shown["against"]}


def _let_wait(app: App, waiting: Waiting) -> None:
    """Let a handoff wait again for whoever comes next in its project, which is not the session that was booked."""
    with Transaction(app.ledger.state) as db:
        pending.mark(
            db,
            waiting.handoff_id,
            waiting.project,
            waiting.session_id,
            waiting.path,
            waiting.start,
            waiting.scheduled_for,
            waiting.marked_at,
        )


def release(app: App, session: PlannedSession) -> bool:
    """Take back what was booked for a session that is started, over or given another time; False if nothing was."""
    if not session.handoff:
        return False
    held = bookings.in_states(app.ledger.state, bookings.WAITING)
    mine = [each for each in held if each.handoff_id == session.handoff]
    if not mine or not booking.cancel(app, mine, doors.real(app), f"with {session.id} of the queue"):
        return False
    with Transaction(app.ledger.state) as db:
        waiting = pending.find(db, session.handoff)
        if waiting is not None and waiting.state == pending.PENDING and session.state != RUNNING:
            pending.drop(db, session.handoff)
    return True
