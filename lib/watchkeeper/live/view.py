"""What the live view shows at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.readings.session import find_session
from watchkeeper.readings.sessions import ENDED, sessions_view
from watchkeeper.readings.status import status

if TYPE_CHECKING:
    from watchkeeper.app import App

_MOST_SESSIONS = 30


def live_view(app: App, session: str | None) -> dict[str, Any]:
    """Return the status of a session, with all the sessions that have not ended.

    Where neither a session calls nor this folder has one, it is the one that was active last.
    """
    open_sessions = [each for each in sessions_view(app, _MOST_SESSIONS)["sessions"] if each["state"] != ENDED]
    latest = open_sessions[0]["id"] if open_sessions else None
    named = session if session or find_session(app, None) else latest
    return {**status(app, named), "sessions": open_sessions}


def figures(view: dict[str, Any]) -> tuple[object, ...]:
    """Return what has to differ between two views for a change to be worth a line."""
    quota, context = view["quota"], view["context"]
    return (
        _floored(quota["used_pct"]),
        quota["source"],
        quota["level"],
        quota["overage"],
        quota["window"]["started_at"] is not None,
        _floored(quota["weekly"]["used_pct"]),
        _floored(context["used_pct"]),
        context["level"],
        view["resources"]["level"],
        view["watching"]["state"],
        tuple((each["id"], each["state"]) for each in view["sessions"]),
    )


def _floored(pct: float | None) -> int | None:
    return None if pct is None else int(pct)
