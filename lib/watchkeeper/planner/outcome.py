"""What comes of a proposal: its session is started, or scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.render import json_text

from . import editing, rows, starting
from .candidate import SCHEDULE, SMALLER, START
from .view import session_view

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .model import PlannedSession
    from .proposal import Proposal

STARTED, SCHEDULED = "started", "scheduled"


def carry_out(app: App, view: dict[str, Any], proposal: Proposal) -> dict[str, Any]:
    """Do what is proposed, and return its view; nothing where nothing can be started or scheduled.

    Where no smaller session is sure to fit, the one that comes first is scheduled.
    """
    decision, session = proposal.decision, proposal.session
    if session is not None and decision.decision in (START, SMALLER):
        return start(app, view, session)
    at = None if proposal.is_scheduled(app.now) else decision.scheduled_for_at
    waiting = session or proposal.wanted
    if waiting is not None and decision.decision in (SCHEDULE, SMALLER) and at is not None:
        return schedule(app, view, waiting, at)
    return view


def start(app: App, view: dict[str, Any], session: PlannedSession) -> dict[str, Any]:
    """Start a session that was proposed, and return the proposal's view with what came of it."""
    told = starting.start(app, session)
    return _with_outcome(app, view, session, {**told, "outcome": STARTED})


def schedule(app: App, view: dict[str, Any], session: PlannedSession, at: float) -> dict[str, Any]:
    """Schedule a session that was proposed, and return the proposal's view with what came of it."""
    editing.schedule(app, session, at)
    moment = {"scheduled_for": json_text.iso(at), "scheduled_for_at": at}
    return _with_outcome(app, view, session, {**moment, "outcome": SCHEDULED})


def _with_outcome(app: App, view: dict[str, Any], session: PlannedSession, told: dict[str, Any]) -> dict[str, Any]:
    queue = rows.read(app.ledger.state)
    fit = next(
        (
            each["fit"]
            for each in (view["session"], view["wanted"], *view["alternatives"])
            if each is not None and each["id"] == session.id
        ),
        None,
    )
    shown = {**session_view(app, queue[session.id], queue), "fit": fit}
    return {**view, **told, "session": shown}
