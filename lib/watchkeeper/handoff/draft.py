"""A handoff that no model has written: what transcript and git tell, in the order a reader needs it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from watchkeeper.render.text import ELLIPSIS, one_line, shortened

from .check_command import is_check
from .model import DRAFT, FAILED, FileToRead, Handoff, Objective

if TYPE_CHECKING:
    from .facts import Facts

_LONGEST_TITLE = 80
_MOST_OBJECTIVES, _MOST_FILES, _MOST_STEPS, _MOST_DECISIONS = 5, 5, 5, 10
_NOTE = "A draft made from transcript and git without a model: nobody has checked it."
_INSTRUCTIONS = "Look at the files and the state above before you go on; what is open comes first."


def draft(facts: Facts, now: float) -> Handoff:
    """Return the handoff that the facts make. Its id is given when it is saved."""
    return Handoff(
        **base(facts, now),
        kind=DRAFT,
        title=_title(facts),
        accomplished=(*facts.commits, *(f"Task done: {task}" for task in facts.tasks_done)),
        objectives=tuple(_objectives(facts)),
        stated_tokens=facts.history.middle_tokens if facts.history else None,
        decisions=facts.said.decisions[-_MOST_DECISIONS:] if facts.said else (),
        blockers=tuple(_notes(facts)),
        files_to_read=tuple(FileToRead(path=path, why="edited last") for path in _first_files(facts)),
        commands=tuple(_commands(facts)),
        instructions=_INSTRUCTIONS,
    )


def base(facts: Facts, now: float) -> dict[str, Any]:
    """Return the fields of a handoff that the facts fill, whoever writes the rest."""
    repository = facts.repository
    return {
        "id": "handoff-unnamed",
        "written_at": max(1, int(now)),
        "from_session": facts.session_id,
        "agent": facts.agent,
        "project": facts.project,
        "branch": repository.branch if repository else "",
        "commit": repository.commit if repository else "",
        "commit_subject": shortened(repository.commit_subject, 200) if repository else "",
        "changed_files": len(repository.changed) if repository else None,
        "fingerprint": repository.fingerprint if repository else "",
        "tests": facts.tests,
        "files_modified": facts.files_modified,
        "runs": facts.runs,
        "tasks": facts.tasks,
        "limit_tokens": facts.limit_tokens,
        "used_tokens": facts.used_tokens,
    }


def has_unfinished_work(facts: Facts) -> bool:
    """Return whether the session left something to go on with: open tasks, or a check that failed."""
    return bool(facts.tasks) or any(run.outcome == FAILED and is_check(run.command) for run in facts.runs)


def _title(facts: Facts) -> str:
    asked = facts.said.objective if facts.said else ""
    name = os.path.basename(facts.project) or "this session"
    return shortened(one_line(asked), _LONGEST_TITLE) or f"Work in {one_line(name) or 'a project'}"


def _objectives(facts: Facts) -> list[Objective]:
    found = [Objective(title=task.subject) for task in facts.tasks[:_MOST_OBJECTIVES]]
    for run in facts.runs:
        if run.outcome == FAILED and is_check(run.command):
            failing = facts.said.failing[:_MOST_STEPS] if facts.said else ()
            found.append(Objective(title=f"Make `{run.command}` pass", steps=failing))
            break
    if not found and facts.said and facts.said.asked:
        found.append(Objective(title=f"Go on with: {facts.said.asked[-1]}"))
    return found


def _notes(facts: Facts) -> list[str]:
    said = facts.said
    notes = [_NOTE]
    if said is not None:
        asked = [text for text in dict.fromkeys((said.objective, *said.asked)) if text]
        notes += [f"The user asked: {text}" for text in asked]
        notes += [f"Claude said last: {said.last_words}"] if said.last_words else []
    return notes


def _first_files(facts: Facts) -> list[str]:
    there = [path for path in facts.files_modified if os.path.exists(os.path.join(facts.project, path))]
    return (there or list(facts.files_modified))[:_MOST_FILES]


def _commands(facts: Facts) -> list[str]:
    commands = ["git status"] if facts.repository else []
    failed = [run.command for run in facts.runs if run.outcome == FAILED and is_check(run.command)]
    # One that was shortened would be another command.
    return commands + [command for command in failed if not command.endswith(ELLIPSIS)][:1]
