"""What is shown of bookings: what waits, with the countdown, who holds it, and what was found at the last check."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from watchkeeper.adapters.scheduler.naming import owner_of
from watchkeeper.core import paths as places
from watchkeeper.handoff import folder as handoff_folder

from . import bookings, recovery, waking
from . import plan as plans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watchkeeper.adapters.scheduler.port import Booked
    from watchkeeper.app import App

    from .bookings import Booking
    from .doors import Doors
    from .facts import Fact
    from .plan import Plan

MOST_PAST = 5
# Sooner than this nobody's machine falls asleep.
_SLEEPY_S = 600.0


def status_view(app: App, doors: Doors, everything: bool) -> dict[str, Any]:
    """Return what `automation-status` shows: open bookings of all projects, and what became of the latest."""
    recovery.settle(app, doors)
    project = places.project_of(app.folder) if app.folder else ""
    waiting = bookings.in_states(app.ledger.state, bookings.OPEN)
    past = [each for each in bookings.latest(app.ledger.state, 50) if each.state not in bookings.OPEN]
    here = [each for each in past if everything or each.project == project]
    held = recovery.held_jobs(doors, {each.scheduler for each in waiting})
    chosen = doors.scheduler(app.settings["automation"]["scheduler"])
    return {
        "now_at": app.now,
        "project": project or None,
        "bookings": [booking_view(each, app, held) for each in waiting],
        "past": [booking_view(each, app, None) for each in here[:MOST_PAST]],
        "scheduler": {"name": chosen.name, "unavailable": chosen.unavailable()},
        "auto_schedule": bool(app.settings["automation"]["auto_schedule"]),
    }


def booking_view(booking: Booking, app: App, held: Mapping[str, Sequence[Booked]] | None) -> dict[str, Any]:
    """Return what programs and pages are told of a booking; `held` is what the schedulers hold, None if not asked."""
    plan = _plan(booking)
    entry = next((each for each in (held or {}).get(booking.scheduler, ()) if each.id == booking.booking_id), None)
    is_known = held is not None and booking.scheduler in held and booking.scheduler != "none"
    return {
        "id": booking.booking_id,
        "state": booking.state,
        "at": booking.at,
        "in_s": max(0.0, booking.at - app.now),
        "asked_for_at": booking.first_at,
        "tries": booking.tries,
        "most_tries": app.settings["automation"]["tries"],
        "scheduler": booking.scheduler,
        "held": (entry is not None) if is_known else None,
        "survives_restart": entry.survives_restart if entry is not None else None,
        "handoff": booking.handoff_id or None,
        "handoff_name": handoff_folder.short_name(booking.handoff_id) if booking.handoff_id else None,
        "project": booking.project,
        "by": booking.booked_by,
        "booked_at": booking.booked_at,
        "headless": plan.headless if plan else None,
        "terminal": booking.terminal or None,
        "agent": (plan.agent or None) if plan else None,
        "model": (plan.model or None) if plan else None,
        "permissions": permissions_of(plan),
        "bypasses": bool(plan and plan.bypasses),
        "budget_usd": plan.budget_usd if plan else None,
        "extra": list(plan.extra) if plan else [],
        "estimated_tokens": plan.estimated_tokens if plan else None,
        "even_if_unknown": plan.even_if_unknown if plan else None,
        "left_out": booking.left_out_names,
        "session": booking.session_id or None,
        "launched_at": booking.launched_at,
        "preflight": booking.facts,
        "preflight_at": booking.preflight_at,
        "reason": booking.reason or None,
        "outcome": booking.result,
        "reach": str(booking.result.get("reach") or "") or None,
        "waking": _waking(booking, app),
    }


def fired_view(app: App, booking: Booking, found: Sequence[Fact], launched: bool, said: str) -> dict[str, Any]:
    """Return what `automation fire` shows."""
    return {
        "now_at": app.now,
        "booking": booking_view(booking, app, None),
        "preflight": [each._asdict() for each in found],
        "launched": launched,
        "said": said,
    }


def _waking(booking: Booking, app: App) -> str | None:
    if booking.scheduler == "none" or booking.at - app.now < _SLEEPY_S:
        return None
    task = owner_of(app.paths.config).name(booking.booking_id, booking.at)
    return waking.waking_command(booking.at, sys.platform, task)


def permissions_of(plan: Plan | None) -> str:
    """Return in words how a booked session asks before it acts."""
    if plan is None:
        return "unknown"
    if plan.bypasses:
        return "nothing is asked, as you wrote into the booking"
    if plan.permission_mode:
        return plan.permission_mode
    if plan.headless:
        return "Claude Code's own for headless runs: what needs a question is refused"
    return "Claude Code's own (its automatic mode, unless your settings say otherwise)"


def _plan(booking: Booking) -> Plan | None:
    try:
        return plans.read(booking.plan)
    except ValueError:
        return None
