"""What is shown of the queue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from watchkeeper.handoff import pending

from . import dependencies, rows
from .candidate import rank
from .candidates import candidate_of
from .model import CANCELLED, DONE, OPEN_STATES, PLANNED, READY, RUNNING, SCHEDULED
from .progress import progress_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.app import App

    from .model import PlannedSession

_ORDER = (RUNNING, SCHEDULED, READY, PLANNED, DONE, CANCELLED)


def list_view(app: App, everything: bool, project: str = "") -> dict[str, Any]:
    """Return the sessions that are not over in the order of their turn, with `everything` also those that are."""
    queue = rows.read(app.ledger.state)
    mine = [each for each in queue.values() if project in ("", each.project)]
    shown = [each for each in mine if everything or each.state in OPEN_STATES]
    return {
        "now_at": app.now,
        "project": project or None,
        "counts": counts(mine),
        "over": len(mine) - len(shown),
        "sessions": [session_view(app, each, queue) for each in in_order(shown, queue)],
    }


def one_view(app: App, named: str) -> dict[str, Any]:
    """Return one session with its history. Raise UserError when the name fits none or several."""
    queue = rows.read(app.ledger.state)
    session = dependencies.find(queue, named, OPEN_STATES)
    return {
        "now_at": app.now,
        "session": session_view(app, session, queue),
        "waiting": dependencies.waiting_for(session.id, queue),
    }


def counts(sessions: list[PlannedSession]) -> dict[str, int]:
    """Return how many sessions there are in each state, and in all that were not cancelled."""
    found: Counter[str] = Counter(session.state for session in sessions)
    return {"total": len(sessions) - found[CANCELLED], **{state: found[state] for state in _ORDER}}


def in_order(sessions: list[PlannedSession], queue: Mapping[str, PlannedSession]) -> list[PlannedSession]:
    """Return sessions in the order of their turn: running, by their time, by priority; the last that is over first."""

    def key(session: PlannedSession) -> tuple[Any, ...]:
        place = _ORDER.index(session.state)
        if session.state in (DONE, CANCELLED):
            return (place, -session.changed_at, session.id)
        if session.state == SCHEDULED:
            return (place, session.at or 0.0, session.id)
        return (place, *rank(candidate_of(session, queue)))

    return sorted(sessions, key=key)


def session_view(app: App, session: PlannedSession, queue: Mapping[str, PlannedSession]) -> dict[str, Any]:
    """Return what programs and pages are told of a session."""
    return {
        "id": session.id,
        "name": session.name,
        "state": session.state,
        "objectives": list(session.objectives),
        "project": session.project or None,
        "agent": session.agent or None,
        "estimated_tokens": session.estimated_tokens,
        "low_tokens": session.low_tokens,
        "high_tokens": session.high_tokens,
        "hours": session.hours,
        "priority": session.priority,
        "after": list(session.after_ids),
        "waits_for": list(dependencies.open_after(session, queue)) if session.state in OPEN_STATES else [],
        "at": session.at,
        "due": session.state == SCHEDULED and session.at is not None and session.at <= app.now,
        "starts_itself": _is_booked(app, session),
        "handoff": session.handoff or None,
        "started_at": session.started_at,
        "used_tokens": session.used_tokens,
        "progress": progress_view(app, session),
        "created_at": session.created_at,
        "changed_at": session.changed_at,
        "history": [change.model_dump() for change in session.history],
    }


def _is_booked(app: App, session: PlannedSession) -> bool:
    waiting = (
        pending.find(app.ledger.state, session.handoff) if session.state == SCHEDULED and session.handoff else None
    )
    return waiting is not None and waiting.state == pending.PENDING and bool(waiting.booking_id)
