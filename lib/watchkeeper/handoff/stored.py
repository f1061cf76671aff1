"""The handoffs that were written: listed, shown, and chosen for the next session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import paths as places
from watchkeeper.core.account import account_key
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import read_quota
from watchkeeper.errors import UserError
from watchkeeper.render.columns import clean

from . import folder, markdown, pending, start_time
from .planning import handoff_view

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .folder import Entry
    from .model import Handoff
    from .pending import Waiting


def list_view(app: App, everything: bool) -> dict[str, Any]:
    """Return the handoffs of this folder's project, the newest first, or with `everything` those of all projects."""
    pending.prepare(app.ledger.state)
    project = places.project_of(app.folder) if app.folder else ""
    found = folder.entries(folder.folder_of(app.paths))
    mine = [each for each in found if everything or each.project == project]
    return {
        "now_at": app.now,
        "project": project or None,
        "elsewhere": len(found) - len(mine),
        "handoffs": [_row(each, pending.find(app.ledger.state, each.id)) for each in mine],
    }


def one_view(app: App, named: str) -> dict[str, Any]:
    """Return a handoff that is named by its id or the beginning of it. Raise UserError when that fits none."""
    entry = find(app, named)
    handoff = _handoff(entry)
    pending.prepare(app.ledger.state)
    waiting = pending.find(app.ledger.state, entry.id)
    is_pending = waiting is not None and waiting.state == pending.PENDING
    return {"now_at": app.now, "handoff": handoff_view(handoff, entry.path, entry.project, is_pending)}


def shown(app: App, named: str) -> str:
    """Return a handoff's Markdown, line by line without anything that a terminal would obey."""
    return "\n".join(clean(line) for line in _text(find(app, named)).split("\n"))


def use(app: App, named: str) -> None:
    """Let a handoff wait for the next session of its project."""
    entry = find(app, named)
    handoff = _handoff(entry)
    if not entry.project:
        raise UserError(f'{entry.id} names no project: add a line `project: "/its/folder"` between its dashes.')
    scheduled_for = None if handoff.scheduled_for is None else float(handoff.scheduled_for)
    pending.prepare(app.ledger.state)
    with Transaction(app.ledger.state) as db:
        pending.mark(db, entry.id, entry.project, entry.session_id, entry.path, handoff.start, scheduled_for, app.now)


def drop(app: App, named: str) -> None:
    """Let a handoff wait no longer. Raise UserError when it did not."""
    entry_id = _waiting(app, named).handoff_id
    with Transaction(app.ledger.state) as db:
        pending.drop(db, entry_id)


def schedule(app: App, named: str, at: str) -> None:
    """Note when the session that is given a handoff shall start. Raise UserError when the handoff does not wait."""
    waiting = _waiting(app, named)
    quota = read_quota(app.ledger, app.settings, account_key(app.paths, app.environ), app.now)
    start = start_time.parse_start(at, quota.window.resets_at, app.now)
    with Transaction(app.ledger.state) as db:
        pending.schedule(db, waiting.handoff_id, start.choice, start.at)


def find(app: App, named: str) -> Entry:
    """Return the handoff that is named by its id, its file or the beginning of either. Raise UserError if none is."""
    wanted = named.removesuffix(folder.SUFFIX)
    entries = folder.entries(folder.folder_of(app.paths))
    exact = [each for each in entries if each.id in (wanted, folder.PREFIX + wanted)]
    short = [each for each in entries if folder.short_name(each.id) == wanted.removeprefix(folder.PREFIX)]
    near = (
        exact or short or [each for each in entries if wanted and each.id.startswith((wanted, folder.PREFIX + wanted))]
    )
    if not near:
        raise UserError(f"No handoff is called {named!r}; `watchkeeper handoffs --all` lists them.")
    if len(near) > 1:
        raise UserError(f"Several handoffs begin with {named!r}: give more of the id.")
    return near[0]


def _waiting(app: App, named: str) -> Waiting:
    entry = find(app, named)
    pending.prepare(app.ledger.state)
    waiting = pending.find(app.ledger.state, entry.id)
    if waiting is None or waiting.state not in (pending.PENDING, pending.CLAIMED):
        raise UserError(f"{entry.id} does not wait for a session; `watchkeeper handoffs use {entry.id}` lets it.")
    return waiting


def _handoff(entry: Entry) -> Handoff:
    try:
        return markdown.parse(_text(entry))
    except ValueError:
        raise UserError(
            f"{entry.path} can no longer be read as a handoff: mend the lines between its dashes, or delete the file."
        ) from None


def _text(entry: Entry) -> str:
    try:
        return folder.read(entry.path)
    except OSError as error:
        raise UserError(f"{entry.path} cannot be read ({error.strerror}): check its permissions.") from error


def _row(entry: Entry, waiting: Waiting | None) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": folder.short_name(entry.id),
        "path": entry.path,
        "title": entry.title,
        "kind": entry.kind or None,
        "project": entry.project or None,
        "session": entry.session_id or None,
        "written_at": entry.written_at,
        "state": waiting.state if waiting is not None else None,
        "pending": waiting is not None and waiting.state == pending.PENDING,
        "start": waiting.start if waiting is not None else None,
        "scheduled_for_at": waiting.scheduled_for if waiting is not None else None,
        "given_to": (waiting.claimed_by or None) if waiting is not None else None,
    }
