"""The session's task list: as its tool calls have made it, or as the client keeps it in files."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from watchkeeper.core.decoder import decode

from . import inert

_LONGEST_SUBJECT = 200
_MOST_TASKS = 100
_MOST_BYTES = 65_536
_STATES = ("pending", "in_progress", "completed")


class Task(NamedTuple):
    """`state` is pending, in_progress or completed; `subject` is one line."""

    subject: str
    state: str


class TaskList:
    """The list as tool calls make it, one after the other."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}

    def tasks(self) -> tuple[Task, ...]:
        """Return the tasks in their order."""
        return tuple(self._tasks.values())

    def take(self, tool: str, asked: Any, response: Any, failed: bool) -> None:
        """Take in a call that has returned; one of another tool changes nothing."""
        if failed or not isinstance(asked, dict):
            return
        if tool == "TodoWrite" and isinstance(asked.get("todos"), list):
            made = [_task(todo) for todo in asked["todos"][:_MOST_TASKS] if isinstance(todo, dict)]
            self._tasks = {str(place): task for place, task in enumerate(made) if task is not None}
        elif tool == "TaskCreate":
            made_task = response.get("task") if isinstance(response, dict) else None
            number = made_task.get("id") if isinstance(made_task, dict) else None
            task = _task(asked)
            if task is not None and len(self._tasks) < _MOST_TASKS:
                self._tasks[str(number or len(self._tasks) + 1)] = task
        elif tool == "TaskUpdate":
            self._update(str(asked.get("taskId")), asked)

    def _update(self, number: str, asked: dict[str, Any]) -> None:
        known = self._tasks.get(number)
        if known is None:
            return
        if asked.get("status") == "deleted":
            del self._tasks[number]
        else:
            merged = {
                "subject": known.subject,
                "status": known.state,
                **{key: asked[key] for key in asked if asked[key]},
            }
            self._tasks[number] = _task(merged) or known


def stored_tasks(config: str, session_id: str) -> tuple[Task, ...]:
    """Return the tasks that the client keeps for a session below its configuration directory; none on any trouble."""
    if not session_id or os.path.basename(session_id) != session_id:
        return ()
    folder = os.path.join(config, "tasks", session_id)
    try:
        names = sorted(
            (name for name in os.listdir(folder) if name.endswith(".json")), key=lambda name: (len(name), name)
        )
    except OSError:
        return ()
    found = []
    for name in names[:_MOST_TASKS]:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                stored = decode(file.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            continue
        task = _task(stored) if isinstance(stored, dict) else None
        found += [task] if task is not None else []
    return tuple(found)


def _task(stored: dict[str, Any]) -> Task | None:
    subject = inert.line(stored.get("subject") or stored.get("content") or "", _LONGEST_SUBJECT)
    state = stored.get("status")
    return Task(subject, state if state in _STATES else "pending") if subject else None
