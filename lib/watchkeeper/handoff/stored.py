"""The handoffs that were written: listed, shown, and chosen for the next session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core.account import account_key
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import read_quota
from watchkeeper.errors import UserError
from watchkeeper.render.columns import clean

from . import folder, markdown, pending, start_time
from .planning import ToBook, handoff_view

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .folder import Entry
    from .model import Handoff
    from .pending import Waiting


def list_view(app: App, everything: bool) -> dict[str, Any]:
    """Return the handoffs of this folder's project, the newest first, or with `everything` those of all projects."""
    project = app.project
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
    waiting = pending.find(app.ledger.state, entry.id)
    is_pending = waiting is not None and waiting.state == pending.PENDING
    return {"now_at": app.now, "handoff": handoff_view(handoff, entry.path, entry.project, is_pending)}


def shown(app: App, named: str) -> str:
    """Return a handoff's Markdown, line by line without anything that a terminal would obey."""
    return "\n".join(clean(line) for line in _text(find(app, named)).split("\n"))


def use(app: App, named: str) -> Waiting:
    """Let a handoff wait for the next session of its project, and return that it does.

    One that waits for a booked session goes on doing so: `pending.tie` ties it to another booking. Raise UserError
    when it cannot be read or names no project.
    """
    entry = find(app, named)
    handoff = _handoff(entry)
    waiting = pending.find(app.ledger.state, entry.id)
    if waiting is not None and waiting.state == pending.PENDING:
        return waiting
    if not entry.project:
        raise UserError(f'{entry.id} names no project: add a line `project: "/its/folder"` between its dashes.')
    scheduled_for = None if handoff.scheduled_for is None else float(handoff.scheduled_for)
    with Transaction(app.ledger.state) as db:
        return pending.mark(
            db, entry.id, entry.project, entry.session_id, entry.path, handoff.start, scheduled_for, app.now
        )


def drop(app: App, named: str) -> None:
    """Let a handoff wait no longer. Raise UserError when it does not, or waits for a booked session."""
    entry_id = _waiting(app, named).handoff_id
    with Transaction(app.ledger.state) as db:
        pending.drop(db, entry_id)


def schedule(app: App, named: str, at: str) -> ToBook | None:
    """Note when the session that is given a handoff shall start; return what is to be booked, None for by hand.

    Raise UserError when the handoff does not wait, or waits for a booked session.
    """
    waiting = _waiting(app, named)
    agent = _handoff(find(app, named)).agent
    quota = read_quota(app.ledger, app.settings, account_key(app.paths, app.environ), app.now)
    start = start_time.parse_start(at, quota.window.resets_at, app.now)
    with Transaction(app.ledger.state) as db:
        pending.schedule(db, waiting.handoff_id, start.choice, start.at)
    return ToBook(waiting.handoff_id, waiting.project, agent, start.choice, start.at) if start.at else None


def find(app: App, named: str) -> Entry:
    """Return the handoff that is named by its id, its file or the beginning of either; unnamed, this project's newest.

    Raise UserError if there is none.
    """
    if not named:
        newest = folder.newest(folder.folder_of(app.paths), app.project)
        if newest is None:
            raise UserError("No handoff was written in this project yet: /plan-next-session writes one.")
        return newest
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
    here = pending.waiting_in(app.ledger.state, app.project) if not named else None
    if here is not None:
        return here
    entry = find(app, named)
    waiting = pending.find(app.ledger.state, entry.id)
    if waiting is None or waiting.state not in (pending.PENDING, pending.CLAIMED):
        raise UserError(f"{entry.id} does not wait for a session; `watchkeeper handoffs use {entry.id}` lets it.")
    if waiting.booking_id:
        raise UserError(f"{entry.id} waits for a booked session: `watchkeeper cancel-next-session` cancels that first.")
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
        "booking": (waiting.booking_id or None) if waiting is not None else None,
        "start": waiting.start if waiting is not None else None,
        "scheduled_for_at": waiting.scheduled_for if waiting is not None else None,
        "given_to": (waiting.claimed_by or None) if waiting is not None else None,
    }
