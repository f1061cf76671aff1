"""Which session is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.errors import UserError
from watchkeeper.transcripts import chain

if TYPE_CHECKING:
    from watchkeeper.app import App


def find_session(app: App, named: str | None) -> str:
    """Return the id of the session that is `named` by its beginning, else of the calling one, else of the newest here.

    An empty id: there is none yet. Raise UserError when the name fits none or several.
    """
    if named:
        return _named(app, named)
    calling = app.environ.get("CLAUDE_CODE_SESSION_ID", "")
    if calling or not app.folder:
        return calling
    row = app.ledger.usage.execute(
        "SELECT session_id FROM sessions WHERE project = ? OR cwd = ? ORDER BY last_at DESC LIMIT 1",
        (app.project, app.folder),
    ).fetchone()
    return str(row[0]) if row else ""


def _named(app: App, named: str) -> str:
    found = app.ledger.usage.execute(
        "SELECT session_id FROM sessions WHERE substr(session_id, 1, ?) = ? ORDER BY session_id != ? LIMIT 2",
        (len(named), named, named),
    ).fetchall()
    # A copy counts as a session of its own in the ledger only once something was said in it.
    if not found and chain.session_file(app.paths.projects, named):
        return named
    if not found:
        raise UserError(f"No session begins with {named!r}; `watchkeeper sessions` lists them.")
    if len(found) > 1 and found[0][0] != named:
        raise UserError(
            f"Several sessions begin with {named!r}: give more of the id that `watchkeeper sessions` shows."
        )
    return str(found[0][0])
