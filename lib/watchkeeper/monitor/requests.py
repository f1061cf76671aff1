"""The requests that wait in the workspaces: filed for sessions that are critical, looked at one by one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.core import state
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError

from .tracker import CRITICAL
from .workspace import kept

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .ending import Doors, Endings
    from .monitor_config import MonitorConfig
    from .tracker import TokenUsage
    from .workspace import Workspace

NEAR_LIMIT = "token_limit_approaching"
"""The reason that a request states when nobody but Watchkeeper files it."""
_LATCH = "termination"


class Requests:
    """Carries out what waits."""

    def __init__(self) -> None:
        """Nothing has begun yet."""
        self._endings: Endings | None = None

    def carry_out(self, app: App, base: str, config: MonitorConfig, doors: Doors) -> list[str]:
        """Do the next step of each request; return a sentence for each that is settled."""
        # Not before somebody asks for an end: most of what it needs is needed for nothing else.
        from . import ending, termination

        self._endings = self._endings or ending.Endings()
        told = []
        for where, name in waiting(base):
            try:
                request = termination.waiting_in(where, name)
            except UserError as error:
                termination.settle(where, None, ending.REFUSED, str(error), app.now, name)
                told.append(f"{os.path.basename(where.project)}: {error}")
                continue
            if request is not None:
                found = self._endings.carry_out(app, where, request, config, doors)
                if found.outcome != ending.WAITING:
                    told.append(f"{os.path.basename(where.project)}: {found.detail}.")
        return told


def waiting(base: str) -> list[tuple[Workspace, str]]:
    """Return the requests that wait: the workspace of each, and its name there."""
    return [(where, name) for where in kept(base) for name in where.requests()]


def is_wanted(found: TokenUsage) -> bool:
    """Return whether a session is to be ended where the user wants that to happen by itself."""
    return found.state == CRITICAL and bool(found.session_id)


def file_for(app: App, where: Workspace, found: TokenUsage) -> bool:
    """File a request to end a session that is critical; False where one was filed for it already.

    One for each window, and between two compactions: what goes on is critical still, and a refusal stands.
    """
    from . import termination

    # What became of a request is told in files, which anybody may remove: each is remembered besides.
    session_id, since_at = found.session_id, found.since_at
    if termination.waits_for(where, session_id) or termination.was_settled(where, session_id, since_at):
        return False
    request = termination.made(
        session_id=found.session_id,
        project=where.project,
        reason=NEAR_LIMIT,
        continuation_command=("claude", "--resume", found.session_id),
        requested_at=app.now,
    )
    with Transaction(app.ledger.state) as db:
        if not state.claim_told(db, _LATCH, found.session_id, CRITICAL, (0.0,), found.since_at, app.now):
            return False
        termination.file_request(where, request)
    return True
