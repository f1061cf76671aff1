"""Taking changed transcripts into the ledger, for sessions without our hooks or status line too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.core import limit_hits, usage
from watchkeeper.core.account import account_of_session
from watchkeeper.core.follow import follow
from watchkeeper.core.ledger import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchkeeper.app import App

_REFRESH_S = 600.0
_ENDING = ".jsonl"


class Intake:
    """What the ledger was given, and when all transcripts were last looked through."""

    def __init__(self) -> None:
        """Nothing was looked through yet."""
        self.is_stale = True
        self._refreshed_at = 0.0

    def take_in(self, app: App, changed: Iterable[str]) -> None:
        """Bring the ledger up to date with the changed files; with all of them where it is not known which changed."""
        inside = app.paths.projects + os.sep
        for path in changed:
            if not path.startswith(inside):
                continue
            if path.endswith(_ENDING) and os.path.isfile(path):
                self.is_stale = not self._follow(app, path) or self.is_stale
            else:
                # What stands in a new folder already is not told of by itself.
                self.is_stale = self.is_stale or os.path.isdir(path)
        # A clock that was set back counts as time that has passed.
        if self.is_stale or not 0.0 <= app.now - self._refreshed_at < _REFRESH_S:
            self._refresh(app)

    def _follow(self, app: App, path: str) -> bool:
        """Read what a transcript has grown by; False where a look through all of them has to."""
        session_id, in_agent_file = session_of(path)
        if not usage.session_row(app.ledger.usage, session_id).get("project"):
            return False
        with Transaction(app.ledger.usage) as db:
            seen = follow(db, path, session_id, in_agent_file)
        if seen.limit_hits:
            account = account_of_session(app.ledger, session_id, app.paths, app.environ)
            limit_hits.save(app.ledger, list(seen.limit_hits), account, app.now)
        return not seen.left_bytes

    def _refresh(self, app: App) -> None:
        from watchkeeper.transcripts import refresh

        refresh.refresh(app.ledger, app.paths, app.settings, app.now)
        self.is_stale = False
        self._refreshed_at = app.now


def session_of(path: str) -> tuple[str, bool]:
    """Return the session that a transcript belongs to, and whether it is a sub-agent's."""
    folder, name = os.path.split(path)
    if os.path.basename(folder) == "subagents":
        return os.path.basename(os.path.dirname(folder)), True
    return name[: -len(_ENDING)], False
