"""Planning the next session: its handoff is written, waits for it and is remembered; what is shown of that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.catchup import catch_up
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.readings.session import find_session

from . import draft, folder, history, memory, pending, questions, said, saving, start_time
from .facts import Facts, gather
from .remember import remember

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .model import Handoff
    from .saving import Saved

STDIN = "-"


class Wish(NamedTuple):
    """What was asked for."""

    session: str | None = None
    source: str = ""
    """Where the JSON comes from: a file, or `-` for standard input; empty: there, or from a person who is asked."""
    is_draft: bool = False
    at: str = ""
    asks_start: bool = True
    """Whether a person is asked when the next session shall start."""


class ToBook(NamedTuple):
    """What the automation needs to start the session that a handoff waits for."""

    handoff_id: str
    project: str
    agent: str
    """Empty for none."""
    choice: str
    """How the time was chosen: reset, reset+5m, at."""
    at: float
    """When it starts, in epoch seconds."""


def plan(app: App, wish: Wish) -> dict[str, Any]:
    """Write the handoff that `wish` asks for, let it wait, and return the view of it.

    Its `booking` is None: who books the session takes `to_book` of the view, ties the handoff to the booking with
    `pending.tie`, and puts what pages show of it (`id`, `at`) under that key. Raise UserError when there is nothing to
    write it from, or what was said cannot be used.
    """
    # Read first: who pipes a handoff in should not wait for the history.
    checked = None if wish.is_draft or _is_asked(app, wish) else said.parse(_read(app, wish.source))
    catch_up(app)
    session_id = find_session(app, wish.session)
    facts = gather(app.ledger, app.settings, app.paths, app.environ, session_id, app.folder, app.now)
    if wish.is_draft and facts.said is None and facts.repository is None:
        raise UserError(
            "There is neither a session of this folder nor a git repository to draft a handoff from: name a session "
            "with --session ID; `watchkeeper sessions` lists them."
        )
    start = None
    if _is_asked(app, wish):
        asker = questions.Asker(app.surroundings.stdin, app.surroundings.stdout)
        checked = questions.ask_all(asker, facts, app.now)
        if wish.asks_start and not wish.at:
            start = questions.ask_start(asker, facts, app.now)
    if start is None:
        start = start_time.parse_start(wish.at or (checked.at if checked else ""), facts.resets_at, app.now)
    handoff = draft.draft(facts, app.now) if checked is None else said.compose(checked, facts, app.now)
    timed = handoff.model_copy(
        update={"start": start.choice, "scheduled_for": None if start.at is None else int(start.at)}
    )
    saved = saving.save(timed, folder.folder_of(app.paths), app.ledger)
    project = facts.project or app.project
    replaced = _let_wait(app, saved, project)
    try:
        architecture = checked.architecture if checked is not None else ""
        remember(app.ledger, app.paths, facts, saved.handoff, saved.path, app.now, architecture)
    except memory.Unreadable as damaged:
        app.complain(f"The project's memory {damaged} is no JSON and was left alone: correct it, or delete it.")
    return {**view_of(app, saved, facts, project), "replaced": replaced or None}


def to_book(view: dict[str, Any]) -> ToBook | None:
    """Return what is to be booked of what `plan` has planned, None for a session that a person starts."""
    handoff, start = view["handoff"], view["start"]
    if start["at"] is None or not handoff["project"]:
        return None
    agent = handoff["agent"] or ""
    return ToBook(handoff["id"], handoff["project"], agent, start["choice"], float(start["at"]))


def view_of(app: App, saved: Saved, facts: Facts, project: str) -> dict[str, Any]:
    """Return what is shown of a handoff that was written."""
    handoff = saved.handoff
    past = facts.history
    return {
        "now_at": app.now,
        "handoff": handoff_view(handoff, saved.path, project, is_pending=True),
        "name": folder.short_name(handoff.id),
        "estimate": {
            "tokens": handoff.estimated_tokens,
            "share_pct": handoff.share_pct,
            "limit_tokens": handoff.limit_tokens,
            "verdict": history.verdict(handoff.estimated_tokens, past),
            "history": past._asdict() if past else None,
        },
        "start": {"choice": handoff.start, "at": handoff.scheduled_for},
        "choices": start_time.choices(facts.resets_at),
        "resets_at": facts.resets_at,
        "booking": None,
    }


def handoff_view(handoff: Handoff, path: str, project: str, is_pending: bool) -> dict[str, Any]:
    """Return what programs and pages are told of a handoff."""
    return {
        "id": handoff.id,
        "path": path,
        "project": project or None,
        "title": handoff.title,
        "kind": handoff.kind,
        "written_at": handoff.written_at,
        "session": handoff.from_session or None,
        "agent": handoff.agent or None,
        "branch": handoff.branch or None,
        "commit": handoff.commit or None,
        "changed_files": handoff.changed_files,
        "tests": handoff.tests or None,
        "objectives": [
            {"title": each.title, "tokens": each.tokens, "steps": list(each.steps)} for each in handoff.objectives
        ],
        "open_tasks": [task.subject for task in handoff.tasks],
        "failing": [run.command for run in handoff.runs if run.outcome == "failed"],
        "files_modified": list(handoff.files_modified),
        "estimated_tokens": handoff.estimated_tokens,
        "scheduled_for_at": handoff.scheduled_for,
        "masked": handoff.masked,
        "pending": is_pending,
    }


def _is_asked(app: App, wish: Wish) -> bool:
    return not wish.source and not wish.is_draft and app.surroundings.is_interactive


def _read(app: App, source: str) -> str:
    if source in ("", STDIN):
        return app.surroundings.stdin.read(said.MOST_CHARACTERS + 1)
    try:
        if not os.path.isfile(source):
            raise UserError(
                f"{source!r} is no file: name the file that holds the handoff as JSON, or - for standard input."
            )
        with open(source, encoding="utf-8", errors="replace") as file:
            return file.read(said.MOST_CHARACTERS + 1)
    except OSError as error:
        raise UserError(f"{source!r} cannot be read ({error.strerror}): check its permissions.") from error


def _let_wait(app: App, saved: Saved, project: str) -> str:
    """Let a handoff wait in its project; return the id of the one that waited there, empty for none."""
    handoff = saved.handoff
    with Transaction(app.ledger.state) as db:
        before = pending.waiting_in(db, project)
        pending.mark(
            db,
            handoff.id,
            project,
            handoff.from_session,
            saved.path,
            handoff.start,
            None if handoff.scheduled_for is None else float(handoff.scheduled_for),
            app.now,
        )
    return before.handoff_id if before is not None and before.handoff_id != handoff.id else ""
