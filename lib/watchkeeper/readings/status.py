"""The whole status of one session: its window, quota, context, machine, and how healthy that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import autocompact, state, usage
from watchkeeper.core.account import account_of_session
from watchkeeper.core.context import read_context
from watchkeeper.core.quota import read_quota, read_weekly
from watchkeeper.mutes import watching

from .context import context_view
from .health import health_of
from .machine import machine_view
from .quota import quota_view
from .session import find_session

if TYPE_CHECKING:
    from watchkeeper.app import App


def status(app: App, session: str | None = None) -> dict[str, Any]:
    """Return the status of a session: the named one, the calling one, else the newest of this folder's project.

    Raise UserError when the name fits no session or several.
    """
    session_id = find_session(app, session)
    row: dict[str, Any] = usage.session_row(app.ledger.usage, session_id) if session_id else {}
    account = account_of_session(app.ledger, session_id, app.paths, app.environ)
    quota = read_quota(app.ledger, app.settings, account, app.now)
    weekly = read_weekly(app.ledger, account, app.now)
    control = autocompact.read(app.paths, app.environ)
    context = read_context(app.ledger, app.settings, session_id, app.now, control)
    parts = {
        "quota": quota_view(app, quota, weekly),
        "context": context_view(app, session_id, row, context),
    }
    return {
        "now_at": app.now,
        "session": _session_view(app, session_id, row, quota.window.resets_at),
        **parts,
        "resources": machine_view(app),
        "automation": None,
        "watching": watching(app.ledger, app.settings, app.environ, str(row.get("project") or ""), app.now),
        "health": health_of(parts["quota"], parts["context"]),
    }


def quota_status(app: App) -> dict[str, Any]:
    """Return the limits of the account that the calling session, or the newest one here, runs on."""
    session_id = find_session(app, None)
    row: dict[str, Any] = usage.session_row(app.ledger.usage, session_id) if session_id else {}
    account = account_of_session(app.ledger, session_id, app.paths, app.environ)
    quota = read_quota(app.ledger, app.settings, account, app.now)
    return {
        "now_at": app.now,
        "quota": quota_view(app, quota, read_weekly(app.ledger, account, app.now)),
        "reset_by_hand_at": state.latest_hand_reset(app.ledger.state, app.now).at or None,
        "watching": watching(app.ledger, app.settings, app.environ, str(row.get("project") or ""), app.now),
    }


def _session_view(app: App, session_id: str, row: dict[str, Any], expires_at: float | None) -> dict[str, Any]:
    snapshot = state.snapshot_of(app.ledger.state, session_id)
    started_at = row.get("started_at")
    is_calling = bool(session_id) and session_id == app.environ.get("CLAUDE_CODE_SESSION_ID")
    is_snapshot_cost = snapshot is not None and snapshot.cost_usd is not None
    cost_at = snapshot.at if snapshot is not None and is_snapshot_cost else row.get("cost_at")
    return {
        "id": session_id or None,
        "started_at": started_at,
        "elapsed_s": None if started_at is None else max(0.0, app.now - started_at),
        "expires_at": expires_at,
        "cwd": row.get("cwd") or (app.folder if is_calling else "") or None,
        "project": row.get("project") or None,
        "agent": (snapshot.agent if snapshot else "") or row.get("agent") or None,
        "model": (snapshot.model_name if snapshot else "") or row.get("model") or None,
        "attended": None if row.get("attended") is None else bool(row["attended"]),
        "cost_usd": snapshot.cost_usd if snapshot is not None and is_snapshot_cost else row.get("cost_usd"),
        "cost_age_s": None if not cost_at else max(0.0, app.now - cost_at),
    }
