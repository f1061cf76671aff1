"""Booking the next session without being asked, where the user has switched that on: at critical, after the reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import levels, usage, words
from watchkeeper.core.account import account_of_session
from watchkeeper.core.quota import MEASURED, REPORTED, read_quota
from watchkeeper.core.state import SAME_WINDOW_S
from watchkeeper.errors import UserError
from watchkeeper.handoff import folder as handoff_folder
from watchkeeper.handoff import pending, start_time, stored
from watchkeeper.handoff.planning import ToBook
from watchkeeper.planner.forecast import AFTER_RESET_S

from . import asking, bookings, notices, recovery

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .bookings import Booking
    from .doors import Doors

BY = "automation"
REASONS = ("critical", "emergency", "limit")
"""Why a session's draft was renewed, where the next session is to be booked too."""
_LEVELS = ("critical", "emergency")


def book_next(app: App, session_id: str, doors: Doors) -> Booking | None:
    """Book the session that follows `session_id` for five minutes after the reset; None when that is not due.

    Its handoff is the one that waits in the project, else the session's own, a draft for example. It is booked once
    for each reset: one that the user has cancelled does not come back.
    """
    if not app.settings["automation"]["auto_schedule"]:
        return None
    row: dict[str, Any] = usage.session_row(app.ledger.usage, session_id)
    project = str(row.get("project") or "")
    account = account_of_session(app.ledger, session_id, app.paths, app.environ)
    quota = read_quota(app.ledger, app.settings, account, app.now)
    level = levels.level_of(quota.used_pct, app.settings["quota"]["levels"])
    resets_at = quota.window.resets_at
    if not project or resets_at is None or level not in _LEVELS or quota.source not in (REPORTED, MEASURED):
        return None
    recovery.settle(app, doors)
    at = resets_at + AFTER_RESET_S
    if _is_booked_already(app, project, at):
        return None
    handoff_id = _handoff_for(app, project, session_id)
    if handoff_id is None:
        return None
    try:
        to_book = ToBook(handoff_id, project, "", start_time.AFTER_RESET, at)
        booking = asking.book_planned(app, to_book, doors, by=BY)
    except UserError as error:
        doors.notify("The next session is not booked", str(error))
        return None
    when = words.clock_time(booking.at, app.now)
    notices.tell(app, doors, booking, notices.BOOKED, f"{when}, after the reset. To stop it: /cancel-next-session")
    return booking


def _is_booked_already(app: App, project: str, at: float) -> bool:
    if bookings.in_states(app.ledger.state, bookings.OPEN, project):
        return True
    latest = bookings.latest(app.ledger.state, 50)
    return any(each.project == project and abs(each.first_at - at) <= SAME_WINDOW_S for each in latest)


def _handoff_for(app: App, project: str, session_id: str) -> str | None:
    waiting = pending.waiting_in(app.ledger.state, project)
    if waiting is not None:
        return waiting.handoff_id
    written = handoff_folder.entries(handoff_folder.folder_of(app.paths))
    own = next((each for each in written if each.session_id == session_id and each.project == project), None)
    if own is None:
        return None
    known = pending.find(app.ledger.state, own.id)
    if known is not None and known.state in (pending.CLAIMED, pending.USED):
        return None
    return stored.use(app, own.id).handoff_id
