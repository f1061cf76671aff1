"""How far a running session is: what it has used against its estimate, and whether it still goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import usage
from watchkeeper.handoff import pending
from watchkeeper.handoff.history import session_tokens

from .model import RUNNING

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .model import PlannedSession

# A session that is cleared or restarted with its handoff goes on as another one.
_MOST_RESTARTS = 20


def runners_of(app: App, session: PlannedSession) -> list[str]:
    """Return the sessions of Claude Code that a planned session runs in: where it was started, or who got its handoff.

    Those that were given the handoff of one of them follow.
    """
    started_at = session.started_at
    first = session.session_id
    if not first and session.handoff:
        waiting = pending.find(app.ledger.state, session.handoff)
        is_since = waiting is not None and started_at is not None and (waiting.claimed_at or 0.0) >= started_at
        first = waiting.claimed_by if waiting is not None and is_since else ""
    found = [first] if first else []
    for runner in found:
        rows = app.ledger.state.execute(
            "SELECT claimed_by FROM handoffs WHERE session_id = ? AND claimed_by <> '' AND claimed_at >= ?",
            (runner, started_at or 0.0),
        )
        found += [row[0] for row in rows if row[0] not in found][: _MOST_RESTARTS - len(found)]
    return found


def used_tokens(app: App, session: PlannedSession) -> int | None:
    """Return the counted tokens that a planned session has taken since it was started; None if that is not known."""
    used = [session_tokens(app.ledger.usage, app.settings, runner) for runner in runners_of(app, session)]
    known = [tokens for tokens in used if tokens is not None]
    return max(0, sum(known) - session.tokens_before) if known else None


def progress_view(app: App, session: PlannedSession) -> dict[str, Any] | None:
    """Return what programs and pages are told of a session that runs, None for any other."""
    if session.state != RUNNING:
        return None
    runners = runners_of(app, session)
    row: dict[str, Any] = usage.session_row(app.ledger.usage, runners[-1]) if runners else {}
    used = used_tokens(app, session)
    ended_at, last_at = row.get("ended_at"), row.get("last_at") or 0.0
    return {
        "started_at": session.started_at,
        "session_ids": runners,
        "used_tokens": used,
        "used_pct": 100.0 * used / session.estimated_tokens if used is not None and session.estimated_tokens else None,
        "source": "unknown" if used is None else "measured",
        "last_at": last_at or None,
        "ended_at": ended_at if ended_at is not None and ended_at >= last_at else None,
    }
