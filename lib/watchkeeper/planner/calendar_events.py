"""/create-calendar-events: the scheduled sessions, and the window's reset if wanted, as files for any calendar."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from watchkeeper.errors import UserError

from . import rows, view
from .availability import zone_named
from .calendar import Entry, uid_of
from .calendar_files import COMBINED, FOREIGN, Style, Written, content, folder_of, write_all, write_event
from .candidate import ASSUMED_HOURS
from .forecast import WINDOW_S
from .local_zone import local_zone_name
from .model import CANCELLED as CANCELLED_STATE
from .model import DONE, PLANNED, READY, RUNNING

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .calendar_files import Content
    from .model import PlannedSession

RESET = "window-reset"
_RESET_S = 900.0


def create_events(app: App, output: str, with_reset: bool) -> dict[str, Any]:
    """Write what has changed, and return every event with its file. Raise UserError for a folder that cannot be one."""
    where = os.path.abspath(output) if output else folder_of(app.paths)
    if os.path.exists(where) and not os.path.isdir(where):
        raise UserError(f"{where} is no folder: name another one with --output.")
    style = _style(app)
    sessions = rows.read(app.ledger.state)
    before = content(where, COMBINED)
    written = [
        (session, write_event(where, file_name(session.id), entry, style, before, app.now))
        for session in sessions.values()
        if (entry := _entry(app, session, where, before)) is not None
    ]
    reset = _reset(app, where, style, before) if with_reset or app.settings["calendar"]["show_reset"] else None
    every = [each for _, each in written] + ([reset] if reset else [])
    every.sort(key=lambda each: (each.entry.starts_at, each.name))
    combined = write_all(where, every, style, before)
    waiting = [each for each in sessions.values() if each.at is None and each.state in (READY, PLANNED)]
    return {
        "now_at": app.now,
        "folder": where,
        "events": [_session_view(session, each) for session, each in _by_time(written)],
        "reset": None if reset is None else {**_event_view(None, reset.entry.summary, reset), "hours_source": None},
        "unscheduled": [{"session_id": each.id, "name": each.name} for each in view.in_order(waiting, sessions)],
        "combined": combined,
        "opened": shlex.quote(combined or where),
        "reminders_min": sorted(set(style.reminders_min), reverse=True),
        "time_zone": style.zone_name,
        "next": _next(app, written),
    }


def file_name(session_id: str) -> str:
    """Return the name, without its ending, of a session's calendar file."""
    return f"session-{session_id}"


def entry_of(session: PlannedSession, starts_at: float, ends_at: float, is_cancelled: bool = False) -> Entry:
    """Return what the calendar is told of a session."""
    return Entry(
        uid_of("session", session.id, session.created_at),
        f"Claude Session: {session.name}",
        description_of(session),
        session.project,
        starts_at,
        ends_at,
        session.created_at,
        is_cancelled,
    )


def description_of(session: PlannedSession) -> str:
    """Return objectives, budget and agent of a session, and how it is started."""
    lines = ["Objectives:", *(f"- {each}" for each in session.objectives), ""] if session.objectives else []
    budget = "unknown" if session.estimated_tokens is None else f"{session.estimated_tokens:,} tokens"
    if session.low_tokens is not None and session.high_tokens is not None:
        budget += f" ({session.low_tokens:,} to {session.high_tokens:,})"
    lines.append(f"Token budget: {budget}")
    if session.hours is None:
        lines.append(f"Duration: not planned, {ASSUMED_HOURS:g} hours are kept free")
    lines.append(f"Agent: {session.agent or 'none'}")
    if session.handoff:
        lines.append(f"Handoff: {session.handoff}")
    return "\n".join([*lines, "", "To start it, open Claude Code in the project and type /start-next-session."])


def _entry(app: App, session: PlannedSession, where: str, combined: Content) -> Entry | None:
    """What the calendar shall say of a session: nothing of one that it was never told of and that has no time ahead."""
    uid = uid_of("session", session.id, session.created_at)
    known = content(where, file_name(session.id)).of(uid) or combined.of(uid)
    is_off = session.at is None or session.state == CANCELLED_STATE
    if is_off:
        return None if known is None else entry_of(session, known.starts_at, known.ends_at, is_cancelled=True)
    starts_at = float(int(session.at or 0.0))
    ends_at = starts_at + int((session.hours or ASSUMED_HOURS) * 3600.0)
    if known is None and (session.state in (RUNNING, DONE) or ends_at <= app.now):
        return None
    return entry_of(session, starts_at, ends_at)


def _reset(app: App, where: str, style: Style, combined: Content) -> Written | None:
    from watchkeeper.readings.status import quota_status

    window = quota_status(app)["quota"]["window"]
    resets_at = window["resets_at"]
    if resets_at is None:
        return None
    starts_at = float(int(resets_at))
    entry = Entry(
        uid_of(RESET, app.paths.config),
        "Claude quota resets",
        "The five-hour window of Claude Code ends, and a fresh one begins with the next response.\n"
        f"Its reset is {window['source']}.",
        "",
        starts_at,
        starts_at + _RESET_S,
        starts_at - WINDOW_S,
        is_busy=False,
    )
    return write_event(where, RESET, entry, style, combined, app.now)


def _style(app: App) -> Style:
    name = app.settings["planner"]["time_zone"] or local_zone_name(app.environ, app.now)
    zone = zone_named(name)
    if zone is None:
        raise ValueError(name)
    return Style(zone, name, tuple(app.settings["calendar"]["reminders_min"]))


def _by_time(written: list[tuple[PlannedSession, Written]]) -> list[tuple[PlannedSession, Written]]:
    return sorted(written, key=lambda pair: (pair[1].entry.starts_at, pair[0].id))


def _session_view(session: PlannedSession, written: Written) -> dict[str, Any]:
    shown = _event_view(session.id, session.name, written)
    return {**shown, "hours_source": "assumed" if session.hours is None else "planned"}


def _event_view(session_id: str | None, name: str, written: Written) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "name": name,
        "uid": written.entry.uid,
        "path": None if written.change == FOREIGN else written.path,
        "file": os.path.basename(written.path),
        "starts_at": written.entry.starts_at,
        "ends_at": written.entry.ends_at,
        "sequence": written.stamp.sequence,
        "cancelled": written.entry.is_cancelled,
        "change": written.change,
    }


def _next(app: App, written: list[tuple[PlannedSession, Written]]) -> dict[str, Any] | None:
    """The session that starts next, or that should have started and has not."""
    ahead = [
        (session, each.entry)
        for session, each in _by_time(written)
        if not each.entry.is_cancelled and session.state not in (RUNNING, DONE) and each.entry.ends_at > app.now
    ]
    if not ahead:
        return None
    session, entry = ahead[0]
    return {"id": session.id, "name": session.name, "starts_at": entry.starts_at, "project": session.project or None}
