"""The report on a session that is over, `session-reports/<session id>-report.md`, with its pictures beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core import usage, whole_file
from watchkeeper.core.account import account_of_session
from watchkeeper.handoff import folder
from watchkeeper.transcripts import chain

from . import (
    lessons,
    progress,
    report_advice,
    report_charts,
    report_page,
    tracked,
    tracking_document,
    usage_by,
    variance,
)

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths

    from .learned import Learned
    from .progress import Progress
    from .tracked import Tracked, TrackedPhase
    from .tracking import Place


def folder_of(paths: Paths) -> str:
    """Return where reports are kept."""
    return os.path.join(paths.config, "session-reports")


def path_of(paths: Paths, session_id: str) -> str:
    """Return where the report on a session is kept; whatever the session is called, it stays in the folder."""
    return os.path.join(folder_of(paths), f"{folder.safe_name(session_id)}-report.md")


def write(place: Place, session_id: str, learned: Learned) -> str:
    """Write the report on a session, and its pictures, in place of those that are there; return its path."""
    view = report(place, session_id, learned)
    path = path_of(place.paths, session_id)
    pictures = report_charts.pictures(view, os.path.basename(path).removesuffix("-report.md"))
    for name, svg in pictures.items():
        whole_file.write_text(os.path.join(os.path.dirname(path), name), svg)
    whole_file.write_text(path, report_page.render({**view, "pictures": list(pictures)}))
    return path


def report(place: Place, session_id: str, learned: Learned) -> dict[str, Any]:
    """Return what the report says; for a session that was compared with no estimate without the parts about that."""
    db = place.ledger.usage
    row = usage.session_row(db, session_id)
    totals = usage_by.totals(db, session_id)
    made = tracked.of_session(place.ledger.state, session_id)
    transcript = chain.session_file(place.paths.projects, session_id) or ""
    since_at, until_at = float(totals["first_at"] or 0.0), float(totals["last_at"] or place.now)
    account = account_of_session(place.ledger, session_id, place.paths, place.environ)
    contents = usage_by.contents(db, session_id, transcript)
    counted = place.settings["quota"]["counted"]
    use = progress.used(db, session_id, counted, since_at, until_at + 1.0)
    view: dict[str, Any] = {
        "now_at": place.now,
        "session": session_id,
        "project": row.get("project") or None,
        "started_at": totals["first_at"],
        "ended_at": totals["last_at"],
        "counted": list(counted),
        "tokens": use.tokens,
        "hours": use.hours,
        "usage": totals,
        "models": usage_by.by_model(db, session_id, counted),
        "agents": usage_by.by_agent(db, session_id, transcript, counted),
        "tools": [each._asdict() for each in contents.tools],
        "files": [each._asdict() for each in contents.files],
        "contents_source": contents.source,
        "compactions": usage_by.compactions(db, session_id),
        "alerts": usage_by.alerts(place.ledger.state, session_id, account, since_at, until_at + 60.0),
        "estimate": None,
        "lessons": [],
        "weights": report_advice.weights(learned),
        "trend": report_advice.trend(place.ledger.state, made),
        "burn_down": None,
    }
    if made is not None and made.started_at is not None:
        found = progress.measure(db, made, learned.correlation, place.now)
        known = tracking_document.read(tracking_document.path_of(place.paths, session_id))
        deviations = [each for each in known.get("deviations") or [] if isinstance(each, dict)]
        view["estimate"] = _estimate_view(made, found)
        view["lessons"] = lessons.lessons(db, made, found.phases, deviations)
        view["burn_down"] = report_charts.burn_down(db, made)
    view["recommendations"] = report_advice.recommendations(view, learned)
    return view


def _estimate_view(made: Tracked, found: Progress) -> dict[str, Any]:
    is_whole = all(each.ended_at is not None for each in made.phases)
    done = [(phase, use) for phase, use in zip(made.phases, found.phases, strict=True) if phase.ended_at is not None]
    # What was not begun was estimated too: an unfinished plan is compared by what is finished of it.
    estimated = made.mid_tokens if is_whole else sum(phase.mid_tokens for phase, _ in done)
    actual = found.use.tokens if is_whole else sum(use.tokens for _, use in done)
    off = variance.pct(actual, estimated) if done else None
    is_inside = (
        made.low_tokens <= actual <= made.high_tokens
        if is_whole
        else all(variance.is_inside(phase, use.tokens) for phase, use in done)
    )
    return {
        "plan": made.plan_path,
        "title": made.title,
        "is_whole": is_whole,
        "low_tokens": made.low_tokens,
        "mid_tokens": made.mid_tokens,
        "high_tokens": made.high_tokens,
        "coverage": made.coverage,
        "hours": made.hours,
        "actual_hours": found.use.hours,
        "actual_tokens": found.use.tokens,
        "compared_estimated_tokens": estimated,
        "compared_actual_tokens": actual,
        "variance_pct": off,
        "rating": variance.rating(off, is_inside),
        "inside": is_inside,
        "phases": [_phase_view(phase, use) for phase, use in zip(made.phases, found.phases, strict=True)],
    }


def _phase_view(phase: TrackedPhase, use: progress.Use) -> dict[str, Any]:
    state = "done" if phase.ended_at is not None else "open" if phase.started_at is not None else "not begun"
    # A phase that took nothing was ticked off without work in this session.
    is_compared = state == "done" and use.tokens > 0
    off = variance.pct(use.tokens, phase.mid_tokens) if is_compared else None
    return {
        "number": phase.number,
        "name": phase.name,
        "type": phase.task_type,
        "state": state,
        "low_tokens": phase.low_tokens,
        "mid_tokens": phase.mid_tokens,
        "high_tokens": phase.high_tokens,
        "actual_tokens": use.tokens if phase.started_at is not None else None,
        "hours": phase.hours,
        "actual_hours": use.hours if phase.started_at is not None else None,
        "variance_tokens": use.tokens - phase.mid_tokens if is_compared else None,
        "variance_pct": off,
        "rating": variance.rating(off, variance.is_inside(phase, use.tokens)) if is_compared else None,
    }
