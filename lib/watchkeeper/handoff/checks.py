"""What has changed since a handoff was written: told beside it, so that nobody builds on what is no longer so.

Standard library only: the hook at a session's start checks here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from watchkeeper.core import words
from watchkeeper.render.text import one_line, shortened

from . import folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from watchkeeper import git

    from .document import Document

# What a session does right after it wrote its handoff is the end of writing it.
WENT_ON_AFTER_S = 15.0
_MOST_FILES, _MOST_NAMED = 60, 5
_STALE_S = 7 * 86_400.0
_NAME = 80


def differences(
    parts: Document,
    path: str,
    written_at: float,
    project: str,
    db: sqlite3.Connection,
    now: float,
    look: Callable[[str], git.Repository | None],
) -> list[str]:
    """Return a sentence for each thing that is not as the handoff at `path` has it.

    `look` tells what git says of a project.
    """
    found = []
    if now - written_at > _STALE_S:
        found.append(f"It is {words.duration(now - written_at)} old.")
    found += _of_repository(parts, look(project))
    later = later_calls(db, parts.text("from_session"), written_at)
    if later:
        where, name = os.path.split(path)
        draft = folder.later_of(where, parts.text("from_session"), written_at + WENT_ON_AFTER_S)
        found.append(
            f"The session that wrote it went on: {later} tool call{'s' if later > 1 else ''} came after it"
            + (f", which {draft} beside it tells of." if draft and draft + folder.SUFFIX != name else ".")
        )
    gone = _vanished(parts, project)
    if gone:
        more = f" and {len(gone) - _MOST_NAMED} more" if len(gone) > _MOST_NAMED else ""
        found.append(f"Not there: {', '.join(gone[:_MOST_NAMED])}{more}.")
    return found


def _of_repository(parts: Document, there: git.Repository | None) -> list[str]:
    branch, commit = _line(parts.fields, "branch"), _line(parts.fields, "commit")
    if not commit and not branch:
        return []
    if there is None:
        return ["Git cannot tell the state of the project."]
    found = []
    if branch != there.branch:
        found.append(f"The branch was {branch or 'detached'} and is {one_line(there.branch) or 'detached'}.")
    if commit != there.commit:
        subject = f" ({shortened(there.commit_subject, _NAME)})" if there.commit_subject else ""
        found.append(f"The last commit was {commit[:9] or 'none'} and is {there.commit[:9] or 'none'}{subject}.")
    elif _line(parts.fields, "fingerprint") != there.fingerprint:
        number = len(there.changed)
        files = f"{number} file{'' if number == 1 else 's'}"
        found.append(f"What is not committed is something else than then ({files})." if number else "All is committed.")
    return found


def later_calls(db: sqlite3.Connection, session_id: str, written_at: float) -> int:
    row = db.execute(
        "SELECT count(*) FROM tool_calls WHERE session_id = ? AND at > ?", (session_id, written_at + WENT_ON_AFTER_S)
    ).fetchone()
    return int(row[0])


def _vanished(parts: Document, project: str) -> list[str]:
    """Return the files to be read first or modified that lie in the project and are gone."""
    if not project or not os.path.isdir(project):
        return []
    top = os.path.realpath(project)
    named = [line for heading in ("files to read first", "current state") for line in parts.sections.get(heading, [])]
    gone = []
    for line in named[:_MOST_FILES]:
        path = _path_in(line)
        whole = os.path.normpath(os.path.join(top, path))
        # What lies elsewhere is no business of this project's handoff.
        if path and whole.startswith(top + os.sep) and not os.path.lexists(whole):
            gone.append(shortened(one_line(path), _NAME))
    return list(dict.fromkeys(gone))


def _path_in(line: str) -> str:
    """Return the path that an entry of a list names: in inline code, or alone below `Files modified`."""
    text = line.strip()
    if text[:2] == "- " and line[:1] == " ":
        return text[2:].strip()
    number, dot, rest = text.partition(". ")
    if dot and number.isdigit() and rest.startswith("`"):
        marks = len(rest) - len(rest.lstrip("`"))
        return rest[marks:].partition("`" * marks)[0].strip()
    return ""


def _line(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return one_line(value) if isinstance(value, str) else ""
