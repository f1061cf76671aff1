"""How many tokens a workspace's session has used, and how near that is to an end: the worse of quota and context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.app import App, Surroundings
from watchkeeper.catchup import catch_up
from watchkeeper.core import autocompact, usage
from watchkeeper.core.account import account_of_session
from watchkeeper.core.context import read_context
from watchkeeper.core.quota import MEASURED, REPORTED, read_quota, read_weekly
from watchkeeper.readings.context import context_view
from watchkeeper.readings.quota import quota_view

from . import monitor_config, workspace

if TYPE_CHECKING:
    from collections.abc import Container

    from .monitor_config import MonitorConfig

FINE, WARNING, CRITICAL, UNKNOWN = "fine", "warning", "critical", "unknown"
QUOTA, CONTEXT = "quota", "context"


class TokenUsage(NamedTuple):
    """How a session stands. Unknown numbers are None; tokens are those of the figure that is worse."""

    session_id: str
    project: str
    estimated_tokens: int | None
    usage_pct: float | None
    source: str
    measure: str
    """Which of the two it is: quota or context; empty when neither is known."""
    state: str
    """fine, warning, critical or unknown, by the monitor's thresholds."""
    quota: dict[str, Any]
    context: dict[str, Any]
    account: str = ""
    since_at: float = 0.0
    """When the worse figure began to count anew: the window's start, or the last compaction."""


class TokenTracker:
    """Reads what the ledger knows of sessions."""

    def __init__(self, config_dir: str | None = None, *, app: App | None = None) -> None:
        """Read the ledger of a configuration directory, by default Claude Code's own; `app` is one that is open."""
        self._app = app or App(Surroundings.of_this_process(), config_dir)
        self._config = monitor_config.config_of(self._app.settings)

    def get_current_usage(self, workspace_id: str = "") -> TokenUsage:
        """Return how the newest session of a workspace stands; empty is that of the folder the process works in.

        Raise UserError for what is no workspace.
        """
        found = workspace.find(self._app, monitor_config.base_of(self._config, self._app.paths), workspace_id)
        catch_up(self._app)
        return usage_of(self._app, newest_session(self._app, found.project), self._config, found.project)

    def close(self) -> None:
        """Let go of the ledger."""
        self._app.ledger.close()


def newest_session(app: App, project: str, among: Container[str] | None = None) -> str:
    """Return the session of a project, of those `among` if that is given, that gave the last sign; empty for none."""
    rows = app.ledger.usage.execute(
        "SELECT session_id FROM sessions WHERE project = ? ORDER BY last_at DESC", (project,)
    )
    return next((str(row[0]) for row in rows if among is None or row[0] in among), "")


def usage_of(app: App, session_id: str, config: MonitorConfig, project: str = "") -> TokenUsage:
    """Return how a session stands; an empty id is no session, for which the quota alone is known."""
    row: dict[str, Any] = usage.session_row(app.ledger.usage, session_id) if session_id else {}
    account = account_of_session(app.ledger, session_id, app.paths, app.environ)
    standing = read_quota(app.ledger, app.settings, account, app.now)
    control = autocompact.read(app.paths, app.environ)
    window = read_context(app.ledger, app.settings, session_id, app.now, control)
    quota = quota_view(app, standing, read_weekly(app.ledger, account, app.now))
    context = context_view(app, session_id, row, window)
    measures = [
        (view["used_pct"], name, view)
        for name, view in ((QUOTA, quota), (CONTEXT, context))
        if view["used_pct"] is not None and (name == CONTEXT or view["source"] in (REPORTED, MEASURED))
    ]
    pct, measure, view = max(measures, key=lambda each: each[0], default=(None, "", None))
    tokens = None if view is None else view["used_tokens"]
    since_at = standing.window.started_at if measure == QUOTA else window.compacted_at
    return TokenUsage(
        session_id,
        project or str(row.get("project") or ""),
        tokens if tokens is not None else context["used_tokens"],
        pct,
        UNKNOWN if view is None else view["source"],
        measure,
        state_of(pct, config),
        quota,
        context,
        account,
        since_at or 0.0,
    )


def state_of(usage_pct: float | None, config: MonitorConfig) -> str:
    """Return what a share means by the monitor's thresholds."""
    if usage_pct is None:
        return UNKNOWN
    if usage_pct >= config.token_critical_threshold:
        return CRITICAL
    return WARNING if usage_pct >= config.token_warning_threshold else FINE
