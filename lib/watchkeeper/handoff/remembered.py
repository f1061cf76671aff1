"""A project's memory as a person deals with it: shown, opened in an editor, forgotten."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from watchkeeper.core import paths as places
from watchkeeper.core.account import account_key
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import read_quota
from watchkeeper.errors import UserError

from . import injection, memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.app import App


def view(app: App, named: str | None) -> dict[str, Any]:
    """Return what is remembered of this folder's project, or of the one in the folder `named`."""
    project = _project(app, named)
    path = memory.path_of(app.paths, project)
    kept = _read(path)
    common = memory.context_of(kept)
    quota = read_quota(app.ledger, app.settings, account_key(app.paths, app.environ), app.now)
    left_pct = None if quota.used_pct is None else max(0.0, 100.0 - quota.used_pct)
    table: Mapping[str, Any] = app.settings.get("memory", {})
    return {
        "now_at": app.now,
        "project": project,
        "name": memory.line_of(kept.get("projectName")) or os.path.basename(project),
        "path": path,
        "known": bool(kept),
        "injected": bool(table.get("inject", True)),
        "tech_stack": list(common.tech_stack),
        "architecture": common.architecture or None,
        "testing_framework": common.testing_framework or None,
        "key_decisions": list(common.key_decisions),
        "sessions": [_session(each) for each in memory.sessions_of(kept)],
        "told": injection.memory_text(kept, "", (None, left_pct)).splitlines(),
    }


def file_to_edit(app: App, named: str | None) -> str:
    """Return the file of a project's memory. Raise UserError when nothing is remembered yet."""
    path = memory.path_of(app.paths, _project(app, named))
    if not os.path.exists(path):
        raise UserError("Nothing is remembered of this project yet: /plan-next-session begins it.")
    return path


def editor_command(environ: Mapping[str, str], path: str) -> list[str]:
    """Return the argument list that opens a file in the user's editor, empty when none is named."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environ.get(name, ""))
        except ValueError:
            words = []
        if words:
            return [*words, path]
    return []


def open_editor(app: App, path: str) -> bool:
    """Let the user's editor take over this process; False where there is no editor, or nobody who could use it."""
    command = editor_command(app.environ, path)
    if not command or not app.surroundings.is_interactive or os.name == "nt":
        return False
    app.ledger.close()
    try:
        os.execvp(command[0], command)  # noqa: S606 - an argument list, no shell
    except OSError as error:
        raise UserError(f"{command[0]!r} cannot be started ({error.strerror}): set EDITOR, or edit {path}.") from error


def forget(app: App, named: str | None, session: str, without_asking: bool) -> dict[str, Any]:
    """Forget a session named by its id or the beginning of it, or all of the project's memory.

    Raise UserError when there is nothing such, or nobody agreed.
    """
    project = _project(app, named)
    path = file_to_edit(app, named)
    if session:
        with Transaction(app.ledger.state):
            kept = _read(path)
            found = [each for each in memory.sessions_of(kept) if str(each.get("id", "")).startswith(session)]
            if len(found) != 1:
                which = "No session" if not found else "More than one session"
                raise UserError(
                    f"{which} of this memory begins with {session!r}; `watchkeeper memory show` lists them."
                )
            kept["sessions"] = [each for each in kept["sessions"] if each != found[0]]
            memory.write(path, kept)
        return _forgotten(app, path, f"Session {memory.line_of(found[0].get('id'))} is forgotten.")
    if not without_asking and not app.confirm(f"Forget all that is remembered of {project}?"):
        raise UserError("Nothing was forgotten; `watchkeeper memory forget --yes` does it without asking.")
    os.unlink(path)
    return _forgotten(app, path, f"The memory of {project} is gone; a next handoff begins a fresh one.")


def _forgotten(app: App, path: str, sentence: str) -> dict[str, Any]:
    return {"now_at": app.now, "path": path, "sentence": sentence}


def _session(kept: dict[str, Any]) -> dict[str, Any]:
    tokens = kept.get("tokensUsed")
    return {
        "id": memory.line_of(kept.get("id")) or None,
        "ended": memory.line_of(kept.get("endTime")) or memory.line_of(kept.get("startTime")) or None,
        "tokens_used": tokens if isinstance(tokens, int) and not isinstance(tokens, bool) else None,
        "handoff": memory.line_of(kept.get("handoffFile")) or None,
        "accomplishments": memory.lines_of(kept.get("accomplishments")),
        "next_objectives": memory.lines_of(kept.get("nextObjectives")),
    }


def _project(app: App, named: str | None) -> str:
    place = named or app.folder
    if not place:
        raise UserError("The folder of this command is gone: name a project with --project DIR.")
    return places.project_of(place)


def _read(path: str) -> dict[str, Any]:
    try:
        return memory.read(path)
    except memory.Unreadable as damaged:
        raise UserError(f"{damaged} is no JSON object: correct it, or delete it and it is begun afresh.") from None
