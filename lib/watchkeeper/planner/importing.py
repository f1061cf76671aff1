"""Sessions queued from what was written elsewhere: a handoff, a plan, or JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core.settings import limit_tokens
from watchkeeper.errors import UserError
from watchkeeper.handoff import folder, markdown, stored
from watchkeeper.render.text import one_line, shortened

from . import additions, rows, view
from .model import CANCELLED, DONE, MOST_HOURS, OPEN_STATES
from .wanted import LONGEST_LINE, LONGEST_NAME, MOST_OBJECTIVES, checked

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.handoff.model import Handoff

    from .wanted import Wanted

STDIN = "-"
MOST_CHARACTERS = 4 << 20
MOST_SESSIONS = 5_000
# What is shown of a session and follows from the rest: a list that was printed can be imported elsewhere.
_DERIVED = (
    "state", "waits_for", "due", "starts_itself",
    "started_at", "used_tokens", "progress", "created_at", "changed_at", "history",
)  # fmt: skip


def queued_from(app: App, source: str) -> dict[str, Any]:
    """Queue what `source` says and return the view of it: a handoff (id or file), a plan, a JSON file, or `-`.

    Raise UserError when it cannot be read, or anything in it cannot be queued; then nothing is.
    """
    wanteds = _wanteds(app, source)
    known = {_sameness(each): each.id for each in rows.read(app.ledger.state).values() if each.state in OPEN_STATES}
    for wanted in wanteds:
        same = known.get((wanted.handoff, "", ()) if wanted.handoff else ("", wanted.name, wanted.objectives))
        if same is not None and wanted.id is None:
            raise UserError(f"{wanted.name!r} is in the queue already as {same}: nothing was imported.")
    added = {session.id for session in additions.add_all(app, wanteds)}
    whole = view.list_view(app, everything=True)
    return {**whole, "over": 0, "sessions": [each for each in whole["sessions"] if each["id"] in added]}


def wanted_of(handoff: Handoff, project: str, now: float) -> dict[str, Any]:
    """Return what a handoff wants queued."""
    told: dict[str, Any] = {
        "name": shortened(handoff.title, LONGEST_NAME),
        "objectives": [shortened(each.title, LONGEST_LINE) for each in handoff.objectives],
        "project": project if os.path.isdir(project) else "",
        "agent": shortened(handoff.agent, LONGEST_NAME),
        "estimated_tokens": handoff.estimated_tokens or None,
        "handoff": handoff.id,
    }
    if handoff.scheduled_for is not None and handoff.scheduled_for > now:
        told["at"] = f"in {handoff.scheduled_for - int(now)}s"
    return told


def _wanteds(app: App, source: str) -> list[Wanted]:
    if source == STDIN:
        return _of_json(app.surroundings.stdin.read(MOST_CHARACTERS + 1), "standard input")
    is_file = os.path.isfile(source)
    if is_file and not source.lower().endswith(folder.SUFFIX):
        return _of_json(_text(source), source)
    if is_file and not os.path.basename(source).startswith(folder.PREFIX):
        return _of_plan(app, source)
    if not is_file and (os.sep in source or source.endswith(".json")):
        raise UserError(
            f"{source!r} is no file: name a JSON file, a handoff by its id or file, or - for standard input."
        )
    entry = stored.find(app, os.path.basename(source))
    try:
        handoff = markdown.parse(folder.read(entry.path))
    except (OSError, ValueError):
        raise UserError(f"{entry.path} cannot be read as a handoff: `watchkeeper handoffs show {entry.id}`.") from None
    return [checked(wanted_of(handoff, entry.project, app.now), entry.id)]


def _of_plan(app: App, path: str) -> list[Wanted]:
    """Return the sessions that a plan makes of its phases that are not done, one after the other, as estimated."""
    # Imported here because only plans need it.
    from watchkeeper.estimates import plan_estimate, planned

    made = plan_estimate.made_of(app, path)
    sessions = planned.sessions(made, limit_tokens(app.settings) or None)
    if not sessions:
        raise UserError(f"{path!r} has no phase that is not done: there is nothing to queue.")
    wanteds: list[Wanted] = []
    for each in sessions:
        name = shortened(each.name, LONGEST_NAME)
        if each.hours is not None and each.hours > MOST_HOURS:
            app.complain(
                f"{name} takes {each.hours:g} hours, longer than a window, and is queued without them: split it."
            )
        told: dict[str, Any] = {
            "name": name,
            "objectives": [
                *(shortened(line, LONGEST_LINE) for line in each.objectives[: MOST_OBJECTIVES - 1]),
                shortened(f"All of it as the plan has it: {made.plan.path}", LONGEST_LINE),
            ],
            "hours": each.hours if each.hours is not None and 0 < each.hours <= MOST_HOURS else None,
            "low_tokens": max(1, each.low_tokens),
            "estimated_tokens": max(1, each.mid_tokens),
            "high_tokens": max(1, each.high_tokens),
            "after": [] if each.after is None else [wanteds[each.after].name],
        }
        wanteds.append(checked(told, name))
    return wanteds


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return file.read(MOST_CHARACTERS + 1)
    except OSError as error:
        raise UserError(f"{path!r} cannot be read ({error.strerror}): check its permissions.") from error


def _of_json(text: str, where: str) -> list[Wanted]:
    if len(text) > MOST_CHARACTERS:
        raise UserError(f"{where} is longer than {MOST_CHARACTERS >> 20} MB: import it in parts.")
    try:
        value: Any = json.loads(text, strict=False)
    except RecursionError:
        raise UserError(f"{where} is nested too deeply: a list of sessions is enough.") from None
    except ValueError as error:
        near = one_line(text[max(0, getattr(error, "pos", 0) - 20) : getattr(error, "pos", 0) + 20])
        raise UserError(f"{where} is no valid JSON near «{near}»: correct it and import it again.") from None
    listed = value.get("sessions", value) if isinstance(value, dict) else value
    entries = listed if isinstance(listed, list) else [listed]
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise UserError(f'{where} must be a list of sessions: [{{"name": "…", "objectives": ["…"], "tokens": 45000}}].')
    if len(entries) > MOST_SESSIONS:
        raise UserError(f"{where} has more than {MOST_SESSIONS:,} sessions: import it in parts.")
    over = {entry.get("id") for entry in entries if entry.get("state") in (DONE, CANCELLED)}
    return [
        _entry(entry, number, over) for number, entry in enumerate(entries, 1) if entry.get("id") not in over - {None}
    ]


def _entry(entry: dict[str, Any], number: int, over: set[Any]) -> Wanted:
    told = {key: value for key, value in entry.items() if key not in _DERIVED and value is not None}
    if isinstance(told.get("after"), list):
        told["after"] = [each for each in told["after"] if not isinstance(each, str) or each not in over]
    if "name" not in told and "title" not in told:
        raise UserError(f"Session {number} has no name: nothing was imported.")
    return checked(told, f"Session {number}")


def _sameness(session: Any) -> tuple[str, str, tuple[str, ...]]:
    return (session.handoff, "", ()) if session.handoff else ("", session.name, session.objectives)
