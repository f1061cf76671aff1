"""Changing what is in the queue: edited, scheduled, done, cancelled, reopened, each in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.handoff import pending, stored

from . import composing, dependencies, progress, rows
from .additions import PLAIN
from .calling import mind_size, project_of, time_of
from .model import CANCELLED, DONE, OPEN_STATES, RUNNING, SCHEDULED, WAITING_STATES
from .wanted import NONE

if TYPE_CHECKING:
    import sqlite3

    from watchkeeper.app import App

    from .dependencies import Queue
    from .model import PlannedSession
    from .wanted import Wanted


# What a handoff says that is written of a session.
_GIVEN_ON = frozenset({"name", "objectives", "agent", "estimated_tokens", "project"})


def edit(app: App, named: str, wanted: Wanted) -> PlannedSession:
    """Change what was said of a session, and nothing else of it; return it."""
    given = wanted.model_fields_set
    if not given:
        raise UserError("Say what to change, for example --tokens 45k; `watchkeeper queue edit --help` lists it.", 2)
    fields: dict[str, Any] = {name: getattr(wanted, name) for name in PLAIN if name in given}
    if "project" in given:
        fields["project"] = project_of(app, wanted.project)
    if "handoff" in given:
        fields["handoff"] = "" if wanted.handoff in NONE else stored.find(app, wanted.handoff).id
    if "estimated_tokens" in given and "low_tokens" not in given:
        fields |= {"low_tokens": None, "high_tokens": None}
    if "at" in given:
        fields["at"] = time_of(app, wanted.at)
    with Transaction(app.ledger.state) as db:
        queue = rows.read(db)
        session = dependencies.find(queue, named, OPEN_STATES)
        if session.state not in OPEN_STATES:
            raise UserError(
                f"{session.id} is {session.state}; `watchkeeper queue add --like {session.id}` queues it anew."
            )
        if session.state == RUNNING and given & {"at", "after"}:
            raise UserError(f"{session.id} runs already: it waits for no time and for no other session any more.")
        if "after" in given:
            after = () if all(each.lower() in NONE for each in wanted.after) else wanted.after
            fields["after_ids"] = tuple(dict.fromkeys(dependencies.find(queue, each).id for each in after))
        changed = session.model_copy(update={**fields, "changed_at": app.now})
        dependencies.check(changed, queue)
        state = dependencies.waiting_state(changed, queue)
        if changed.state in WAITING_STATES and changed.state != state:
            changed = dependencies.moved(changed, state, app.now)
        _write(db, {**queue, changed.id: changed}, changed, app.now)
    if given & _GIVEN_ON and changed.handoff and changed.handoff == session.handoff:
        _follow(app, session, changed, is_told=bool(given & {"name", "objectives"}))
    mind_size(app, [changed])
    return changed


def schedule(app: App, session: PlannedSession, at: float) -> PlannedSession:
    """Let a session start at `at`; raise UserError when it was changed since it was read."""
    with Transaction(app.ledger.state) as db:
        unchanged(db, session)
        changed = dependencies.moved(session.model_copy(update={"at": at}), SCHEDULED, app.now)
        rows.write(db, changed)
    return changed


def finish(app: App, named: str, used: int | None = None) -> PlannedSession:
    """Call a session done, with what it took where that is known; return it."""
    found = dependencies.find(rows.read(app.ledger.state), named, OPEN_STATES)
    taken = progress.used_tokens(app, found) if used is None and found.state == RUNNING else used
    with Transaction(app.ledger.state) as db:
        queue = rows.read(db)
        session = queue[found.id]
        if session.state not in OPEN_STATES:
            raise UserError(f"{session.id} is {session.state} already; `watchkeeper queue list` shows what is not.")
        changed = dependencies.moved(session.model_copy(update={"used_tokens": taken}), DONE, app.now)
        _let_go(db, changed)
        _write(db, {**queue, changed.id: changed}, changed, app.now)
    return changed


def cancel(app: App, named: str) -> PlannedSession:
    """Take a session out of what is to be done; it stays in the history. Return it."""
    with Transaction(app.ledger.state) as db:
        queue = rows.read(db)
        session = dependencies.find(queue, named, OPEN_STATES)
        if session.state not in OPEN_STATES:
            raise UserError(f"{session.id} is {session.state} already; `watchkeeper queue list` shows what is not.")
        changed = dependencies.moved(session, CANCELLED, app.now)
        _let_go(db, changed)
        _write(db, {**queue, changed.id: changed}, changed, app.now)
    return changed


def finish_in(app: App, runner: str) -> list[PlannedSession]:
    """Call done what runs in a session of Claude Code, which is over for it: its next session was planned."""
    running = [each for each in rows.read(app.ledger.state).values() if each.state == RUNNING]
    return [finish(app, each.id) for each in running if runner and runner in progress.runners_of(app, each)]


def reopen(app: App, named: str) -> PlannedSession:
    """Take a session back into what is to be done that was called done, cancelled or started by mistake; return it."""
    with Transaction(app.ledger.state) as db:
        queue = rows.read(db)
        session = dependencies.find(queue, named, (DONE, CANCELLED, RUNNING))
        if session.state in WAITING_STATES:
            raise UserError(f"{session.id} is {session.state}: there is nothing to take back.")
        bare = session.model_copy(update={"at": None, "used_tokens": None, "session_id": "", "tokens_before": 0})
        dependencies.check(bare, queue)
        changed = dependencies.moved(bare, dependencies.waiting_state(bare, queue), app.now)
        _let_go(db, changed)
        _write(db, {**queue, changed.id: changed}, changed, app.now)
    return changed


def unchanged(db: sqlite3.Connection, session: PlannedSession) -> Queue:
    """Return the queue; raise UserError when a session in it is no longer as it was read."""
    queue = rows.read(db)
    known = queue.get(session.id)
    if known is None or (known.state, known.changed_at) != (session.state, session.changed_at):
        state = "gone" if known is None else known.state
        raise UserError(f"{session.id} was changed meanwhile and is {state}; look again with `watchkeeper queue list`.")
    return queue


def _follow(app: App, before: PlannedSession, changed: PlannedSession, is_told: bool) -> None:
    """Bring the handoff of a session up to date, or say that it cannot be."""
    followed = composing.follow(app, before, changed)
    if not followed and is_told and changed.state in WAITING_STATES:
        app.complain(
            f"{changed.id} is given {changed.handoff} as it stands: change that too, or take it out with "
            f"`watchkeeper queue edit {changed.id} --handoff none`."
        )


def _let_go(db: sqlite3.Connection, session: PlannedSession) -> None:
    """Give the handoff of a session that is over, or not begun after all, to nobody any more; bookings keep theirs."""
    waiting = pending.find(db, session.handoff) if session.handoff else None
    if waiting is not None and waiting.state == pending.PENDING and not waiting.booking_id:
        pending.drop(db, session.handoff)


def _write(db: sqlite3.Connection, queue: Queue, changed: PlannedSession, now: float) -> None:
    """Store a changed session, and those that come to their turn or lose it because of that."""
    rows.write(db, changed)
    for session in dependencies.settled(queue, now):
        rows.write(db, session)
