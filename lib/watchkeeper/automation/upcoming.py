"""What `session-status` shows of the automation, from the ledger alone and without anything slow to import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import words

from . import bookings
from .objects import object_of

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .bookings import Booking


def upcoming(app: App, project: str) -> dict[str, Any] | None:
    """Return the open booking of a project, else the soonest one of any; None if nothing is booked."""
    waiting = bookings.in_states(app.ledger.state, bookings.OPEN)
    mine = [each for each in waiting if each.project == project] or waiting
    if not mine:
        return None
    booking = mine[0]
    plan = object_of(booking.plan)
    return {
        "id": booking.booking_id,
        "state": booking.state,
        "at": booking.at,
        "agent": str(plan.get("agent") or "") or None,
        "handoff": booking.handoff_id or None,
        "project": booking.project,
        "here": booking.project == project,
        "scheduler": booking.scheduler,
        "tries": booking.tries,
        "detail": _detail(booking, plan, app.now),
        "more": len(waiting) - 1,
    }


def _detail(booking: Booking, plan: dict[str, Any], now: float) -> str:
    if booking.state == bookings.FIRING:
        return "being checked right now"
    if booking.state == bookings.LAUNCHING:
        return "starting right now"
    if booking.scheduler == "none":
        return f"noted; start it with: watchkeeper automation fire {booking.booking_id}"
    if booking.tries:
        return f"not ready at try {booking.tries}: {booking.reason}"
    if str(plan.get("start") or "").startswith("reset") and booking.at > now:
        return "waiting for the quota's reset"
    return f"waiting for {words.clock_time(booking.at, now)}" if booking.at > now else "due"
