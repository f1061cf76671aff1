"""Starting a planned session: it runs from now on, and Claude is given its handoff or its objectives."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from watchkeeper import git
from watchkeeper.context import inert
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.handoff import checks, document, folder, injection, pending, stored
from watchkeeper.handoff.history import session_tokens

from . import calling, composing, dependencies, editing, rows
from .model import RUNNING, WAITING_STATES
from .wanted import LONGEST_LINE

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.handoff.folder import Entry

    from .model import PlannedSession

CALLING = "CLAUDE_CODE_SESSION_ID"


def start(app: App, session: PlannedSession) -> dict[str, Any]:
    """Let a session run from now on, and return what came of it: where, with which handoff, and the next step.

    In a session of Claude Code that works in its project it runs there, and `next_step` is what Claude is told. Else
    its handoff waits for the session that is opened there. Raise UserError when it was changed since it was read, or
    its handoff or project is gone.
    """
    project = calling.project_of(app, session.project)
    caller = app.environ.get(CALLING, "")
    runner = caller if caller and project == calling.calling_project(app) else ""
    entry = stored.find(app, session.handoff) if session.handoff else None
    waiting = pending.find(app.ledger.state, entry.id) if entry is not None else None
    has_it = waiting is not None and bool(runner) and waiting.claimed_by == runner
    notes = _notes(app, entry, project) if entry is not None and runner and not has_it else ""
    before = session_tokens(app.ledger.usage, app.settings, runner) if runner else None
    with Transaction(app.ledger.state) as db:
        editing.unchanged(db, session)
        fields = {"session_id": runner, "tokens_before": before or 0, "project": project}
        started = dependencies.moved(session.model_copy(update=fields), RUNNING, app.now)
        rows.write(db, started)
    # From here on nobody else starts it, so that what is written for it is written once.
    if entry is None and not runner:
        started, entry = with_handoff(app, started, project)
    if entry is not None and not has_it:
        _give(app, entry, project, runner)
    return {
        "outcome": "started",
        "runs_in": runner or None,
        "project": project,
        "command": shlex.join(["claude", *(["--agent", started.agent] if started.agent else [])]),
        "handoff": entry.id if entry is not None else None,
        "next_step": next_step(started, notes, has_it) if runner else None,
    }


def notice(app: App, but: str = "") -> None:
    """Let run what a session of Claude Code was given without our command: its handoff was taken since it was queued.

    What the session `but` was given is left to be started there.
    """
    waiting = [each for each in rows.read(app.ledger.state).values() if each.state in WAITING_STATES and each.handoff]
    for session in waiting:
        given = pending.find(app.ledger.state, session.handoff)
        if given is None or given.claimed_by in ("", but) or (given.claimed_at or 0.0) < session.created_at:
            continue
        with Transaction(app.ledger.state) as db:
            known = rows.read(db)[session.id]
            if known.state in WAITING_STATES:
                fields = {"session_id": given.claimed_by, "tokens_before": 0}
                at = given.claimed_at or app.now
                rows.write(db, dependencies.moved(known.model_copy(update=fields), RUNNING, at))


def next_step(session: PlannedSession, notes: str, has_handoff: bool) -> str:
    """Return what Claude is told of a session that it runs from now on; `notes` are those of its handoff."""
    lines = [f"The user has started the planned session {session.id} here: {inert.line(session.name, LONGEST_LINE)}"]
    if session.objectives:
        lines += ["What the user wants done:"]
        lines += [f"{number}. {inert.line(line, LONGEST_LINE)}" for number, line in enumerate(session.objectives, 1)]
    frame = []
    if session.estimated_tokens is not None:
        frame.append(f"about {session.estimated_tokens:,} tokens")
    if session.hours is not None:
        frame.append(f"{session.hours:g} hours")
    if frame:
        lines.append(f"It is estimated to take {' and '.join(frame)}.")
    if session.agent:
        lines.append(
            f"It is planned for the agent {inert.line(session.agent, LONGEST_LINE)}: use it where it can be had."
        )
    if has_handoff:
        lines.append("You were given its handoff at the beginning of this session.")
    if notes:
        lines += ["", notes, ""]
    first = "Begin with the first of it now." if session.objectives else "Begin now."
    lines.append(f"{first} When all of it is done, say so and name this command to the user:")
    lines.append(f"    watchkeeper queue done {session.id}")
    return "\n".join(lines)


def with_handoff(app: App, session: PlannedSession, project: str) -> tuple[PlannedSession, Entry]:
    """Return a session and its handoff, which is written of what is known of the session where it has none."""
    if session.handoff:
        return session, stored.find(app, session.handoff)
    entry = composing.compose(app, session, project)
    with Transaction(app.ledger.state) as db:
        editing.unchanged(db, session)
        changed = session.model_copy(update={"handoff": entry.id, "changed_at": app.now})
        rows.write(db, changed)
    return changed, entry


def _give(app: App, entry: Entry, project: str, runner: str) -> None:
    """Let a handoff wait for the session that is opened in its project, or be that of the session that runs it."""
    other = pending.waiting_in(app.ledger.state, project)
    with Transaction(app.ledger.state) as db:
        pending.mark(db, entry.id, project, entry.session_id, entry.path, pending.MANUAL, None, app.now)
        if runner:
            pending.claim(db, entry.id, runner, app.now)
    if other is not None and other.handoff_id != entry.id:
        app.complain(
            f"The handoff {other.handoff_id} waits no longer; `watchkeeper handoffs use {other.handoff_id}` lets it."
        )


def _notes(app: App, entry: Entry, project: str) -> str:
    try:
        text = folder.read(entry.path)
    except OSError as error:
        raise UserError(f"{entry.path} cannot be read ({error.strerror}): check its permissions.") from error
    parts = document.split(text)
    written_at = folder.written_at(parts) or entry.written_at
    changed = checks.differences(parts, entry.path, written_at, project, app.ledger.usage, app.now, git.look)
    return injection.handoff_text(parts, entry.id, entry.path, changed, max(0.0, app.now - written_at))
