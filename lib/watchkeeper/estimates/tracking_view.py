"""What `watchkeeper estimates phase` and `report` do and show: how a session stands against its estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.catchup import catch_up
from watchkeeper.core.account import account_of_session
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.readings.session import find_session

from . import gathering, learned, quota_fit, session_report, tracked, tracking, tracking_document, variance

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .progress import Progress
    from .tracked import Tracked
    from .tracking import Place


def standing(app: App, session: str | None) -> dict[str, Any]:
    """Return how a session stands against its estimate. Raise UserError when it is compared with none."""
    catch_up(app)
    place = _place(app)
    return _view(app, place, _compared(app, place, session))


def done(app: App, session: str | None, number: int | None, said: dict[str, object]) -> dict[str, Any]:
    """End a phase, record what was said of it, and return how the session stands."""
    catch_up(app)
    place = _place(app)
    made = _compared(app, place, session)
    ended = number if number is not None else made.current.number if made.current else None
    made = tracking.finish(place, made.estimate_id, ended)
    if ended is not None:
        _note(place, made, ended, said)
    return _view(app, place, made, tells=False)


def start(app: App, session: str | None, number: int) -> dict[str, Any]:
    """Begin a phase, ending the one at hand, and return how the session stands."""
    catch_up(app)
    place = _place(app)
    return _view(app, place, tracking.begin(place, _compared(app, place, session).estimate_id, number), tells=False)


def note(app: App, session: str | None, number: int, said: dict[str, object]) -> dict[str, Any]:
    """Record why a phase deviated, and return how the session stands."""
    if not any(value is not None for value in said.values()):
        raise UserError("Say what is to be noted: --reason, --category, --preventable or --lesson.")
    catch_up(app)
    place = _place(app)
    made = _compared(app, place, session)
    _note(place, made, number, said)
    return _view(app, place, made)


def stop(app: App, session: str | None) -> dict[str, Any]:
    """Compare a session with its estimate no longer; what it took is not learned from."""
    place = _place(app)
    made = _compared(app, place, session)
    with Transaction(app.ledger.state) as db:
        tracked.stop(db, made.estimate_id)
    return {"now_at": app.now, "stopped": made.title, "session": made.session_id}


def report(app: App, named: str) -> tuple[str, dict[str, Any]]:
    """Write the report on a session; return its path and what it says. Raise UserError if there is no such one."""
    gathering.catch_up_with_history(app)
    session_id = find_session(app, named)
    if not session_id:
        raise UserError("No session of this folder is known; name one, `watchkeeper sessions` lists them.")
    place = _place(app)
    made = tracked.of_session(app.ledger.state, session_id)
    if made is not None and made.state == tracked.RUNNING:
        tracking.check(place, made.estimate_id)
    known = learned.read(app.ledger, app.settings, app.now)
    path = session_report.write(place, session_id, known)
    return path, {"path": path, **session_report.report(place, session_id, known)}


def _place(app: App) -> Place:
    return tracking.Place(app.ledger, app.settings, app.paths, app.environ, app.now)


def _compared(app: App, place: Place, session: str | None) -> Tracked:
    session_id = find_session(app, session)
    made = tracked.of_session(app.ledger.state, session_id)
    if made is None or made.state == tracked.SAVED:
        waiting = tracked.waiting_in(app.ledger.state, app.project)
        if waiting is not None:
            tracking.attach(place, waiting)
            made = tracked.of_session(app.ledger.state, session_id)
    if made is None or made.started_at is None:
        raise UserError("This session is compared with no estimate; /estimate-session PLAN --save begins that.")
    return made


def _note(place: Place, made: Tracked, number: int, said: dict[str, object]) -> None:
    if any(value is not None for value in said.values()):
        tracking.note(place, made, number, said)


def _view(app: App, place: Place, made: Tracked, tells: bool = True) -> dict[str, Any]:
    checked = tracking.check(place, made.estimate_id, tells)
    if checked is None:
        raise UserError("This session is compared with no estimate; /estimate-session PLAN --save begins that.")
    now_made, found = checked
    account = account_of_session(app.ledger, now_made.session_id, app.paths, app.environ)
    room = quota_fit.room_of(app.ledger, app.settings, app.paths, app.environ, app.now, account)
    left = found.left
    return {
        "now_at": app.now,
        "session": now_made.session_id,
        "plan": {"path": now_made.plan_path, "title": now_made.title},
        "state": now_made.state,
        "started_at": now_made.started_at,
        "ended_at": now_made.ended_at,
        "estimated": _tokens(now_made),
        "projected": _tokens(found.projection),
        "left": {
            **_tokens(left),
            "fits": None if room.left_tokens is None else left.mid_tokens <= room.left_tokens,
            "quota_left_tokens": None if room.left_tokens is None else round(room.left_tokens),
        },
        "used_tokens": found.use.tokens,
        "hours": found.use.hours,
        "planned_hours": now_made.hours,
        "burn_tokens_per_min": found.average_tokens_per_min,
        "recent_tokens_per_min": found.recent_tokens_per_min,
        "target_tokens_per_min": now_made.mid_tokens / (now_made.hours * 60.0) if now_made.hours else None,
        "phases": _phases(now_made, found),
        "path": tracking_document.path_of(app.paths, now_made.session_id),
    }


def _phases(made: Tracked, found: Progress) -> list[dict[str, Any]]:
    rows = []
    for phase, use in zip(made.phases, found.phases, strict=True):
        is_over = phase.ended_at is not None
        off = variance.pct(use.tokens, phase.mid_tokens) if is_over and use.tokens else None
        rows.append(
            {
                "number": phase.number,
                "name": phase.name,
                "type": phase.task_type,
                "state": "done" if is_over else "now" if phase.started_at is not None else "to come",
                "low_tokens": round(phase.low_tokens),
                "mid_tokens": round(phase.mid_tokens),
                "high_tokens": round(phase.high_tokens),
                "actual_tokens": use.tokens if phase.started_at is not None else None,
                "hours": phase.hours,
                "actual_hours": use.hours if phase.started_at is not None else None,
                "variance_pct": off,
                "inside": variance.is_inside(phase, use.tokens) if is_over else use.tokens <= phase.high_tokens,
            }
        )
    return rows


def _tokens(figures: Any) -> dict[str, int]:
    return {name: round(getattr(figures, name)) for name in ("low_tokens", "mid_tokens", "high_tokens")}
