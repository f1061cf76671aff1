"""The task list is what its calls made of it, or what the client keeps in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.context.task_list import Task, TaskList, stored_tasks


def test_calls_make_the_list() -> None:
    """Tasks are created, renamed, moved on and deleted by their numbers."""
    tasks = TaskList()
    for number, subject in enumerate(("Parse", "Test", "Ship"), 1):
        tasks.take("TaskCreate", {"subject": subject}, {"task": {"id": str(number)}}, False)
    tasks.take("TaskUpdate", {"taskId": "1", "status": "completed"}, None, False)
    tasks.take("TaskUpdate", {"taskId": "2", "status": "in_progress", "subject": "Test it"}, None, False)
    tasks.take("TaskUpdate", {"taskId": "3", "status": "deleted"}, None, False)
    tasks.take("TaskUpdate", {"taskId": "9", "status": "completed"}, None, False)
    tasks.take("TaskCreate", {"subject": "Not made"}, None, True)

    assert (Task("Parse", "completed"), Task("Test it", "in_progress")) == tasks.tasks()


def test_a_whole_list_replaces_the_one_before() -> None:
    """Older clients write the list anew each time."""
    tasks = TaskList()
    for todos in ([{"content": "Old"}], [{"content": "New", "status": "odd"}, {"content": ""}, "none"]):
        tasks.take("TodoWrite", {"todos": todos}, None, False)

    assert (Task("New", "pending"),) == tasks.tasks()


@pytest.mark.parametrize("asked", [None, [], {"todos": "none"}, {"subject": 5}, {"taskId": None}], ids=str)
@pytest.mark.parametrize("tool", ["TodoWrite", "TaskCreate", "TaskUpdate", "Bash"])
def test_odd_calls_do_no_harm(tool: str, asked: Any) -> None:
    """Whatever a call holds, the list stays one."""
    tasks = TaskList()
    tasks.take(tool, asked, {"task": 3}, False)

    assert all(task.subject for task in tasks.tasks())


def test_files_are_read_in_their_order(tmp_path: Path) -> None:
    """The client keeps one file a task; what cannot be read is left out."""
    folder = tmp_path / "tasks" / "s1"
    folder.mkdir(parents=True)
    for number, subject in ((10, "Tenth"), (2, "Second")):
        task = {"id": str(number), "subject": subject, "status": "pending"}
        (folder / f"{number}.json").write_text(json.dumps(task), encoding="utf-8")
    (folder / "3.json").write_text("{torn", encoding="utf-8")
    (folder / "note.txt").write_text("x", encoding="utf-8")

    assert (Task("Second", "pending"), Task("Tenth", "pending")) == stored_tasks(str(tmp_path), "s1")


@pytest.mark.parametrize("session_id", ["", "unknown", "../s1", "a/b"])
def test_no_list_is_none(tmp_path: Path, session_id: str) -> None:
    """A session without a list, or with a name that leads elsewhere, has no tasks."""
    (tmp_path / "s1").mkdir()

    assert () == stored_tasks(str(tmp_path), session_id)
