"""What to start now: the queue against what is left of quota and time, and the reason in words and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.errors import UserError
from watchkeeper.readings.status import quota_status
from watchkeeper.render import json_text

from . import calling, dependencies, fit, forecast, rows, view
from .assessment import RESERVE, assess, least
from .availability import of_settings
from .candidate import NOTHING, SCHEDULE, START, Decision
from .candidates import candidate_of, candidates_of
from .model import OPEN_STATES, RUNNING, SCHEDULED, WAITING_STATES

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .candidate import Assessment
    from .dependencies import Queue
    from .forecast import Forecast
    from .model import PlannedSession

# More than anybody chooses from.
MOST_ALTERNATIVES = 12
# What is worth doing in the rest of a window, and what it takes.
SMALL_WORK = (
    ("Polish and documentation", 15_000, 20_000),
    ("Bug fixes", 10_000, 15_000),
    ("Code review", 8_000, 12_000),
)


class Proposal(NamedTuple):
    """What is proposed, and what it rests on."""

    decision: Decision
    queue: Queue
    mine: list[PlannedSession]
    """The sessions it was chosen from."""
    forecast: Forecast
    hours: float | None

    def is_scheduled(self, now: float) -> bool:
        """Return whether its session has a time already, which is still to come."""
        session = self.session
        return session is not None and session.state == SCHEDULED and session.at is not None and session.at > now

    @property
    def session(self) -> PlannedSession | None:
        """The session to start, or to schedule."""
        return self.queue[self.decision.session.candidate.id] if self.decision.session is not None else None

    @property
    def wanted(self) -> PlannedSession | None:
        """The session that comes first in the queue, where it is not the one to start."""
        return self.queue[self.decision.wanted.candidate.id] if self.decision.wanted is not None else None


def propose(app: App, hours: float | None, chosen: str = "", is_now: bool = False) -> Proposal:
    """Return what to do now with `hours` of time, about the session `chosen` alone if one is named.

    `is_now`: the chosen one is started whether it fits or not. Raise UserError when it cannot be started at all.
    """
    queue = rows.read(app.ledger.state)
    seen = forecast.read_forecast(app)
    mine = _mine(app, queue)
    if chosen:
        session = dependencies.find(queue, chosen, OPEN_STATES)
        return Proposal(_about(app, session, queue, seen, hours, is_now), queue, mine, seen, hours)
    decision = fit.decide(candidates_of(queue, mine), seen, hours, of_settings(app.settings), app.now)
    return Proposal(decision, queue, mine, seen, hours)


def proposal_view(app: App, proposal: Proposal) -> dict[str, Any]:
    """Return what programs and pages are told of a proposal, before anything came of it."""
    decision, queue = proposal.decision, proposal.queue
    mine = {each.id for each in proposal.mine}
    elsewhere = [each for each in queue.values() if each.state in WAITING_STATES and each.id not in mine]
    return {
        **status_view(app, proposal),
        "hours": proposal.hours,
        "decision": decision.decision,
        "session": _assessed(app, decision.session, queue),
        "alternatives": [_assessed(app, each, queue) for each in decision.alternatives[:MOST_ALTERNATIVES]],
        "wanted": _assessed(app, decision.wanted, queue),
        "reason": decision.reason,
        "due": decision.is_due,
        "is_scheduled": decision.decision == SCHEDULE and proposal.is_scheduled(app.now),
        "scheduled_for": None if decision.scheduled_for_at is None else json_text.iso(decision.scheduled_for_at),
        "scheduled_for_at": decision.scheduled_for_at,
        "suggestions": suggestions(proposal),
        "elsewhere": len(elsewhere),
        "due_elsewhere": [each.id for each in elsewhere if _is_due(each, app.now)],
        "outcome": None,
        "booking": None,
        "next_step": None,
    }


def status_view(app: App, proposal: Proposal) -> dict[str, Any]:
    """Return how quota and queue stand."""
    return {
        "now_at": app.now,
        "quota": quota_status(app)["quota"],
        "usable_tokens": proposal.forecast.usable_now_tokens,
        "reserve_tokens": proposal.forecast.reserve_tokens,
        "queue": view.counts(proposal.mine),
        "running": [view.session_view(app, each, proposal.queue) for each in proposal.mine if each.state == RUNNING],
    }


def suggestions(proposal: Proposal) -> list[dict[str, Any]]:
    """Return the small work that fits what is left, where nothing that is queued does."""
    if proposal.decision.decision not in (NOTHING, SCHEDULE) or proposal.decision.alternatives:
        return []
    seen = proposal.forecast
    most, usable = least(seen.left_tokens, seen.week.left_tokens), seen.usable_now_tokens
    return [
        {
            "name": name,
            "low_tokens": low,
            "high_tokens": high,
            "uses_reserve": usable is not None and high > usable,
        }
        for name, low, high in SMALL_WORK
        if most is None or high <= most
    ]


def _mine(app: App, queue: Queue) -> list[PlannedSession]:
    """Return the sessions of this folder's project, or all where none of its own is open."""
    project = calling.calling_project(app)
    own = [each for each in queue.values() if project and each.project == project]
    return own if any(each.state in OPEN_STATES for each in own) else list(queue.values())


def _about(
    app: App, session: PlannedSession, queue: Queue, seen: Forecast, hours: float | None, is_now: bool
) -> Decision:
    if session.state not in OPEN_STATES:
        raise UserError(f"{session.id} is {session.state}; `watchkeeper queue add --like {session.id}` queues it anew.")
    waits_for = dependencies.open_after(session, queue)
    if waits_for:
        raise UserError(
            f"{session.id} waits for {', '.join(waits_for)}: `watchkeeper queue done {waits_for[0]}` once it is done, "
            f"or `watchkeeper queue edit {session.id} --after none`."
        )
    candidate = candidate_of(session, queue)._replace(started_at=None)
    assessed = assess(candidate, seen, hours)
    is_due = _is_due(session, app.now)
    if is_now or session.state == RUNNING or assessed.fits is not False or assessed.code == RESERVE:
        return Decision(START, assessed, (), _sentence(assessed), is_due=is_due)
    return fit.decide([candidate], seen, hours, of_settings(app.settings), app.now)


def _is_due(session: PlannedSession, now: float) -> bool:
    return session.state == SCHEDULED and session.at is not None and session.at <= now


def _assessed(app: App, assessment: Assessment | None, queue: Queue) -> dict[str, Any] | None:
    if assessment is None:
        return None
    told = assessment._asdict()
    told.pop("candidate")
    told["words"] = _sentence(assessment)
    return {**view.session_view(app, queue[assessment.candidate.id], queue), "fit": told}


def _sentence(assessment: Assessment) -> str:
    return f"{assessment.candidate.name} {assessment.words}."
