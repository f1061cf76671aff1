"""What can be said of a session without any model: git, edits, tasks, commands, usage, reset, what sessions take."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper import git
from watchkeeper.context.brief import Brief, brief
from watchkeeper.context.task_list import stored_tasks
from watchkeeper.core import paths as places
from watchkeeper.core import state, usage
from watchkeeper.core.account import API, account_of_session
from watchkeeper.core.quota import read_quota
from watchkeeper.core.settings import limit_tokens
from watchkeeper.render.text import one_line, shortened
from watchkeeper.transcripts import chain

from .history import History, read_history, session_tokens
from .model import ACTIVE_TASK, PENDING_TASK, CommandRun, Task
from .runs import Runs, last_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths

MOST_FILES, MOST_TASKS, MOST_COMMITS = 40, 20, 12
LONGEST_LINE = 300
# A transcript beyond this is not read: the facts of git have to do.
MOST_BYTES = 512 << 20


class Facts(NamedTuple):
    """What is known of a session and its project. Times are epoch seconds, 0.0 is unknown."""

    session_id: str
    project: str
    agent: str
    started_at: float
    last_at: float
    used_tokens: int | None
    limit_tokens: int | None
    resets_at: float | None
    repository: git.Repository | None
    commits: tuple[str, ...]
    """Subjects of the commits since the session began, the oldest first."""
    files_modified: tuple[str, ...]
    """Relative to the project where they lie in it, the one that was edited last first."""
    tests: str
    runs: tuple[CommandRun, ...]
    tasks: tuple[Task, ...]
    """Open ones."""
    tasks_done: tuple[str, ...]
    said: Brief | None
    history: History | None


def gather(
    ledger: Ledger,
    settings: dict[str, dict[str, Any]],
    paths: Paths,
    environ: Mapping[str, str],
    session_id: str,
    folder: str,
    now: float,
) -> Facts:
    """Return what is known of a session (an empty id: none is known) and of the project it worked in.

    `folder` stands in for a session whose project is not known.
    """
    row: dict[str, Any] = usage.session_row(ledger.usage, session_id) if session_id else {}
    transcript = transcript_of(paths, session_id, row)
    said, runs = read_transcript(transcript, paths.config, session_id)
    project = str(row.get("project") or "") or _project(said.folder if said else "") or _project(folder)
    snapshot = state.snapshot_of(ledger.state, session_id)
    account = account_of_session(ledger, session_id, paths, environ)
    quota = read_quota(ledger, settings, account, now)
    repository = git.look(project)
    started_at = float(row.get("started_at") or 0.0)
    commits = git.commits_since(project, started_at, MOST_COMMITS) if repository and started_at else []
    open_tasks = [task for task in said.tasks if task.state != "completed"] if said else []
    return Facts(
        session_id,
        project,
        one_line((snapshot.agent if snapshot else "") or str(row.get("agent") or "")),
        started_at,
        float(row.get("last_at") or 0.0),
        session_tokens(ledger.usage, settings, session_id) if session_id else None,
        (limit_tokens(settings) or None) if account != API else None,
        quota.window.resets_at,
        repository,
        tuple(shortened(commit, LONGEST_LINE) for commit in commits),
        _files(said, repository, project),
        last_check(runs),
        runs,
        tuple(
            Task(subject=task.subject, state=ACTIVE_TASK if task.state == "in_progress" else PENDING_TASK)
            for task in open_tasks[:MOST_TASKS]
        ),
        tuple(task.subject for task in said.tasks if task.state == "completed")[-MOST_TASKS:] if said else (),
        said,
        read_history(ledger.usage, settings, project, session_id),
    )


def transcript_of(paths: Paths, session_id: str, row: Mapping[str, Any]) -> str:
    """Return a session's transcript, empty if there is none."""
    told = str(row.get("transcript_path") or "")
    if told and os.path.isfile(told):
        return told
    return (chain.session_file(paths.projects, session_id) or "") if session_id else ""


def read_transcript(path: str, config: str, session_id: str) -> tuple[Brief | None, tuple[CommandRun, ...]]:
    """Return what a transcript says was asked, done and run; None and nothing when it cannot be read."""
    if not path:
        return None, ()
    runs = Runs()
    try:
        if os.stat(path).st_size > MOST_BYTES:
            return None, ()
        graph = chain.read_graph(path)
        found = graph.chain()
        records = chain.records(path, graph.history(found) + found.nodes)
        return brief(runs.watching(records), stored_tasks(config, session_id)), runs.told()
    except OSError:
        return None, ()


def within(path: str, project: str) -> str:
    """Return a path relative to the project if it lies in it, else as it is."""
    inside = project.rstrip(os.sep) + os.sep
    return path[len(inside) :] if project and path.startswith(inside) else path


def _project(folder: str) -> str:
    return places.project_of(folder) if folder and os.path.isdir(folder) else ""


def _files(said: Brief | None, repository: git.Repository | None, project: str) -> tuple[str, ...]:
    edited = [within(change.path, project) for change in reversed(said.changes)] if said else []
    changed = list(repository.changed) if repository else []
    shown = dict.fromkeys(shortened(one_line(path), LONGEST_LINE) for path in [*edited, *changed])
    return tuple(path for path in list(shown)[:MOST_FILES] if path)
