"""A list of tasks as a person writes it, TOML or JSON: read whole, or refused with what is wrong and where."""

from __future__ import annotations

import json
import os
from typing import Annotated, Any

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tomlkit.exceptions import TOMLKitError

from watchkeeper.automation.plan import Mode, Word
from watchkeeper.core import paths as places
from watchkeeper.errors import UserError

from .task import Line, Task

MOST_BYTES = 8 << 20
MOST_TASKS = 10_000
_WRONG_USAGE = 2
_INHERITED = ("agent", "model", "permission_mode")


class TaskList(BaseModel):
    """A file's content. What stands beside the tasks counts for each task that does not say it itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line = ""
    project: Line = ""
    agent: Word = ""
    model: Word = ""
    permission_mode: Mode = ""
    tasks: Annotated[tuple[Task, ...], Field(min_length=1, max_length=MOST_TASKS)]


def read(path: str) -> TaskList:
    """Return the list in the file, each task with its folder as an absolute path.

    Raise UserError with a sentence that names the task and the key when it cannot be used.
    """
    text = _text(path)
    try:
        data = json.loads(text) if path.lower().endswith(".json") else tomlkit.parse(text).unwrap()
    # A number of thousands of digits is a plain ValueError.
    except (ValueError, TOMLKitError) as error:
        raise _refusal(path, f"is no valid {'JSON' if path.lower().endswith('.json') else 'TOML'}: {error}") from error
    except RecursionError as error:
        raise _refusal(path, "is nested too deeply") from error
    return checked(data, path, os.path.dirname(os.path.abspath(path)))


def checked(data: Any, source: str, folder: str) -> TaskList:
    """Return the list that plain `data` holds; relative folders are below `folder`."""
    if isinstance(data, list):
        data = {"tasks": data}
    try:
        found = TaskList.model_validate(data)
    except ValidationError as error:
        raise _refusal(source, _sentence(error, data)) from error
    tasks = tuple(_complete(task, found, folder) for task in found.tasks)
    problem = _problem(tasks)
    if problem:
        raise _refusal(source, problem)
    return found.model_copy(update={"tasks": tasks})


def schema() -> dict[str, Any]:
    """Return the JSON schema of a task list."""
    return TaskList.model_json_schema()


def _complete(task: Task, whole: TaskList, folder: str) -> Task:
    named = places.expanded(task.project or whole.project, places.environment())
    project = os.path.abspath(os.path.join(folder, named))
    inherited = {name: getattr(whole, name) for name in _INHERITED if task.is_prompt and not getattr(task, name)}
    return task.model_copy(update={"project": project, **inherited})


def _problem(tasks: tuple[Task, ...]) -> str:
    """What makes a list impossible to work through, as the rest of a sentence; empty when nothing does."""
    ids: set[str] = set()
    for task in tasks:
        if task.id in ids:
            return f"has two tasks with the id {task.id!r}"
        ids.add(task.id)
    for task in tasks:
        for first in task.after:
            if first not in ids:
                return f"has the task {task.id!r} after {first!r}, which is not in it"
        if not os.path.isdir(task.project):
            return f"has the task {task.id!r} in the folder {task.project}, which is not there"
    return _circle(tasks)


def _circle(tasks: tuple[Task, ...]) -> str:
    waiting = {task.id: set(task.after) for task in tasks}
    while free := [task_id for task_id, before in waiting.items() if not before & waiting.keys()]:
        for task_id in free:
            del waiting[task_id]
    if not waiting:
        return ""
    shown = ", ".join(sorted(waiting)[:5]) + (" …" if len(waiting) > 5 else "")
    return f"has tasks that wait for each other in a circle or for such a one ({shown})"


def _sentence(error: ValidationError, data: Any) -> str:
    found = error.errors(include_url=False)
    # A list with a wrong entry is told to be too short besides.
    told = [each for each in found if each["type"] != "too_short"] or found
    first = told[0]
    where = list(first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "is no key that a task or a list has"
    elif first["type"] == "tuple_type":
        message = "must be a list"
    elif first["type"] == "model_type":
        message = "must be a table of keys and values"
    place = ""
    if where[:1] == ["tasks"] and len(where) > 1 and isinstance(where[1], int):
        place = f"task {_named(data, where[1])}"
        where = where[2:]
    key = ".".join(str(part) for part in where)
    what = " ".join(part for part in (place, key) if part)
    more = len(told) - 1
    rest = f" ({more} more)" if more else ""
    return f"cannot be used: {what}{': ' if what else ''}{message}{rest}"


def _named(data: Any, number: int) -> str:
    try:
        name = data["tasks"][number]["id"]
    except (KeyError, IndexError, TypeError):
        name = None
    return repr(name) if isinstance(name, str) else f"number {number + 1}"


def _text(path: str) -> str:
    try:
        if not os.path.isfile(path):
            raise UserError(f"{path!r} is no file: name the TOML or JSON file that holds the tasks.", _WRONG_USAGE)
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path!r} cannot be read ({error.strerror}): check its permissions.") from error
    if len(data) > MOST_BYTES:
        raise _refusal(path, f"is larger than {MOST_BYTES >> 20} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(path, "is not written in UTF-8") from error


def _refusal(source: str, what: str) -> UserError:
    return UserError(f"The task list {source} {what}; correct it and run it again.")
