"""What is known of whoever calls: the project, when the window resets, and what a whole one has room for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core import paths as places
from watchkeeper.core import usage
from watchkeeper.core.account import account_of_session
from watchkeeper.core.quota import read_quota
from watchkeeper.core.settings import limit_tokens
from watchkeeper.errors import UserError
from watchkeeper.handoff import start_time
from watchkeeper.quota.budget import reserve_tokens
from watchkeeper.readings.session import find_session

from .wanted import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.app import App

    from .model import PlannedSession


def project_of(app: App, folder: str) -> str:
    """Return the project of a folder, of the current one where none is named. Raise UserError when it is not there."""
    if not folder:
        return app.project
    if not os.path.isdir(folder):
        raise UserError(f"{folder!r} is no folder: name the folder that the session shall work in.")
    return places.project_of(folder)


def calling_project(app: App) -> str:
    """Return the project of the session of Claude Code that calls, else of the current folder."""
    row: dict[str, Any] = usage.session_row(app.ledger.usage, app.environ.get("CLAUDE_CODE_SESSION_ID", ""))
    return str(row.get("project") or "") or app.project


def resets_at(app: App) -> float | None:
    """Return when the open window resets, None if that is not known."""
    account = account_of_session(app.ledger, find_session(app, None), app.paths, app.environ)
    return read_quota(app.ledger, app.settings, account, app.now).window.resets_at


def time_of(app: App, text: str) -> float | None:
    return None if text.lower() in NONE else start_time.parse_start(text, resets_at(app), app.now).at


def mind_size(app: App, sessions: Sequence[PlannedSession]) -> None:
    """Say which sessions no window of the chosen plan has room for: they may be split, or the plan be another one."""
    limit = limit_tokens(app.settings)
    usable = limit - reserve_tokens(app.settings, limit)
    large = [each.id for each in sessions if limit and (each.estimated_tokens or 0) > usable]
    if large:
        named = ", ".join(large[:5]) + (" …" if len(large) > 5 else "")
        app.complain(
            f"{named}: more than the {usable:,} tokens that a whole window of your plan has above the reserve; "
            f"split {'it' if len(large) == 1 else 'them'}."
        )
