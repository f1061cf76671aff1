"""Notices about a booking on the desktop: before it starts, when it has, and when it has not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.core import words
from watchkeeper.core.ledger import Transaction

from . import bookings, session_log

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .bookings import Booking
    from .doors import Doors

BOOKED, SOON, STARTED, REFUSED = "booked", "soon", "started", "refused"
MISSED, FAILED, ENDED = "missed", "failed", "ended"

_TITLES = {
    BOOKED: "The next session is booked",
    SOON: "A Claude Code session starts soon",
    STARTED: "A Claude Code session has started",
    REFUSED: "The booked session was not started",
    MISSED: "The booked session was missed",
    FAILED: "The booked session gave no sign",
    ENDED: "The booked session has ended",
}
_LONGEST = 300


def tell(app: App, doors: Doors, booking: Booking, what: str, detail: str) -> None:
    """Show a notice; one that cannot be shown is a line in the log, and nothing else fails because of it."""
    text = text_of(booking, what, detail, app.now)
    reason = doors.notify(_TITLES[what], text)
    if reason is not None:
        session_log.write(app.paths, booking, "no notice", f"{what}: {reason}", app.now)


def remind(app: App, booking_id: str, doors: Doors) -> bool:
    """Tell of a booking that starts soon, once for each time it may start; False when nothing is to be told."""
    with Transaction(app.ledger.state) as db:
        booking = bookings.find(db, booking_id)
        told_at = None if booking is None else booking.noticed_at
        is_due = (
            booking is not None
            and booking.state == bookings.BOOKED
            and (told_at is None or told_at < booking.changed_at)
        )
        if is_due:
            bookings.note(db, booking_id, noticed_at=app.now)
    if booking is None or not is_due:
        return False
    tell(app, doors, booking, SOON, "")
    session_log.write(app.paths, booking, "reminder", f"starts {words.clock_time(booking.at, app.now)}", app.now)
    return True


def text_of(booking: Booking, what: str, detail: str, now: float) -> str:
    """Return the words of a notice."""
    project = os.path.basename(booking.project.rstrip("/\\")) or booking.project
    if what == SOON:
        when = f"{words.clock_time(booking.at, now)} (in {words.duration(booking.at - now)})"
        return f"{project} at {when}. To stop it: watchkeeper cancel-next-session {booking.booking_id}"[:_LONGEST]
    if what == MISSED:
        return f"{project}: {detail}. To start it now: watchkeeper automation fire {booking.booking_id}"[:_LONGEST]
    return f"{project}: {detail}"[:_LONGEST]
