"""A workspace: a project's folder, and the files that the monitor keeps of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.adapters import files
from watchkeeper.core import paths as places
from watchkeeper.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchkeeper.app import App

REQUEST, RESULT = "termination-request", "termination-result.json"
HISTORY, WARNING = "token_history.jsonl", "token_warning.txt"
_PROJECT = "project.txt"
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_MOST_HISTORY_BYTES = 4 << 20


class Workspace(NamedTuple):
    """A project by its real path, and the folder of its files."""

    project: str
    folder: str

    def path(self, name: str) -> str:
        """Return where one of its files is."""
        return os.path.join(self.folder, name)

    def write(self, name: str, text: str) -> None:
        """Put a whole file in place, for its owner only; the folder says which project it is of."""
        if not os.path.exists(self.path(_PROJECT)):
            files.write(self.path(_PROJECT), (self.project + "\n").encode("utf-8", "surrogateescape"))
        files.write(self.path(name), text.encode("utf-8", "replace"))

    def note(self, line: dict[str, Any]) -> None:
        """Add a line to the history of its tokens; the older half goes when it has grown long."""
        path = self.path(HISTORY)
        text = json.dumps(line, ensure_ascii=False) + "\n"
        try:
            if os.path.getsize(path) > _MOST_HISTORY_BYTES:
                with open(path, "rb") as file:
                    file.seek(_MOST_HISTORY_BYTES // 2)
                    self.write(HISTORY, file.read().partition(b"\n")[2].decode("utf-8", "replace"))
        except FileNotFoundError:
            self.write(HISTORY, "")
        with open(path, "ab") as file:
            file.write(text.encode("utf-8", "replace"))


def workspace_of(project: str, base: str) -> Workspace:
    """Return the workspace of a project; two projects of one name have different folders."""
    return Workspace(project, os.path.join(base, slug_of(project)))


def slug_of(project: str) -> str:
    """Return the name of a project's folder: its own name, and what tells it from others of that name."""
    name = _UNSAFE.sub("-", os.path.basename(project.rstrip("/\\"))).strip("-").lower()[:40] or "project"
    return f"{name}-{hashlib.sha256(project.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def find(app: App, base: str, named: str) -> Workspace:
    """Return the workspace that is meant: a folder, the name of one that is kept, or, empty, that of this folder.

    Raise UserError where it is none.
    """
    if not named:
        if not app.folder:
            raise UserError("This folder is gone: name the workspace.")
        return workspace_of(places.project_of(app.folder), base)
    if os.path.isdir(named):
        return workspace_of(places.project_of(os.path.abspath(named)), base)
    known = [each for each in kept(base) if named in (os.path.basename(each.folder), os.path.basename(each.project))]
    if len(known) == 1:
        return known[0]
    if known:
        raise UserError(f"Several workspaces are called {named!r}: give the folder of the project.")
    raise UserError(f"{named!r} is no folder and no workspace that is known: give the folder of the project.")


def kept(base: str) -> Iterator[Workspace]:
    """Yield the workspaces that have files, by name."""
    try:
        names = sorted(os.listdir(base))
    except OSError:
        return
    for name in names:
        folder = os.path.join(base, name)
        try:
            with open(os.path.join(folder, _PROJECT), encoding="utf-8", errors="surrogateescape") as file:
                project = file.read(8192).rstrip("\n")
        except OSError:
            continue
        # A folder that somebody has renamed or copied is not the one of that project.
        if project and slug_of(project) == name:
            yield Workspace(project, folder)
