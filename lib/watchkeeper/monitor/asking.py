"""Asking for a session's end: which session of which workspace, and the request that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.automation import live_sessions
from watchkeeper.core import usage
from watchkeeper.errors import UserError
from watchkeeper.readings.session import find_session

from . import control, monitor_config, requests, running, termination, workspace
from .tracker import CRITICAL, newest_session, usage_of

if TYPE_CHECKING:
    from watchkeeper.app import App

UNASKED_REASONS = ("critical", "emergency")
"""Why a session's draft was renewed, where the session is to be ended too if the user wants that."""


def request(
    app: App,
    reason: str,
    continuation: str,
    priority: str = termination.GRACEFUL,
    named_session: str | None = None,
    named_workspace: str = "",
) -> dict[str, Any]:
    """File a request to end a session, and return what is told of it.

    It is the named session, the calling one, or the newest of the workspace, one that runs before one that has ended.
    Raise UserError when there is none.
    """
    config = monitor_config.config_of(app.settings)
    base = monitor_config.base_of(config, app.paths)
    where = workspace.find(app, base, named_workspace)
    session_id = find_session(app, named_session) if named_session else ""
    calling = app.environ.get("CLAUDE_CODE_SESSION_ID", "") if not named_workspace else ""
    session_id = session_id or calling or _running_session(app, where.project) or newest_session(app, where.project)
    if not session_id:
        raise UserError(f"No session of {where.project} is known: name one with --session.")
    # A session that is named need not be of this folder.
    project = str(usage.session_row(app.ledger.usage, session_id).get("project") or "")
    where = workspace.workspace_of(project, base) if project else where
    filed = termination.made(
        session_id=session_id,
        project=where.project,
        reason=reason,
        continuation_command=termination.split(continuation),
        priority=priority,
        requested_at=app.now,
    )
    path = termination.file_request(where, filed)
    return {
        "now_at": app.now,
        "filed": True,
        "session": session_id,
        "project": where.project,
        "reason": filed.reason,
        "priority": filed.priority,
        "continuation": list(filed.continuation_command),
        "path": path,
        "monitor_running": running.is_running(app.paths),
    }


def _running_session(app: App, project: str) -> str:
    running_now = live_sessions.live_sessions(app.paths) or ()
    here = [each.session_id for each in running_now if each.project == project]
    return newest_session(app, project, here) or next(iter(here), "")


def request_unasked(app: App, session_id: str) -> bool:
    """File a request to end a session that is critical, where the user wants that, and see that the daemon runs.

    Return whether one was filed. Raise UserError when the daemon does not start.
    """
    config = monitor_config.config_of(app.settings)
    found = usage_of(app, session_id, config)
    if not (config.enabled and config.auto_terminate and found.project and requests.is_wanted(found)):
        return False
    where = workspace.workspace_of(found.project, monitor_config.base_of(config, app.paths))
    is_filed = requests.file_for(app, where, found)
    if is_filed:
        control.start(app)
    return is_filed


def usage_view(app: App, session_id: str, project: str) -> dict[str, Any]:
    """Return how a session stands, and whether it should be ended."""
    config = monitor_config.config_of(app.settings)
    found = usage_of(app, session_id, config, project)
    return {
        "now_at": app.now,
        "session": found.session_id or None,
        "project": found.project or None,
        "estimated_tokens": found.estimated_tokens,
        "usage_pct": found.usage_pct,
        "source": found.source,
        "measure": found.measure or None,
        "state": found.state,
        "should_terminate": found.state == CRITICAL,
        "quota": found.quota,
        "context": found.context,
    }
