"""A workspace: a project's folder, and the files that the monitor keeps of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
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
# A second session of the same folder has a request of its own beside the first one's, named by the session.
_REQUESTS = re.compile(rf"{REQUEST}(-[A-Za-z0-9_-]{{1,128}})?")
_RESULTS = re.compile(r"termination-result(-[A-Za-z0-9_-]{1,128})?\.json")
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_MOST_HISTORY_BYTES = 4 << 20
_MOST_PROJECT_BYTES = 8192


class Workspace(NamedTuple):
    """A project by its real path, and the folder of its files."""

    project: str
    folder: str

    def path(self, name: str) -> str:
        """Return where one of its files is."""
        return os.path.join(self.folder, name)

    def requests(self) -> list[str]:
        """Return the names of the requests that wait here, by name."""
        return self._names(_REQUESTS)

    def results(self) -> list[str]:
        """Return the names of the files that tell what became of requests, by name."""
        return self._names(_RESULTS)

    def write(self, name: str, text: str) -> None:
        """Put a whole file in place, for its owner only; the folder says which project it is of.

        Raise UserError where the folder is somebody else's: a link in it would lead the writing elsewhere.
        """
        self.prepare()
        if not os.path.exists(self.path(_PROJECT)):
            files.write(self.path(_PROJECT), (self.project + "\n").encode("utf-8", "surrogateescape"))
        files.write(self.path(name), text.encode("utf-8", "replace"))

    def note(self, line: dict[str, Any]) -> None:
        """Add a line to the history of its tokens; the older half goes when it has grown long."""
        path = self.path(HISTORY)
        text = json.dumps(line, ensure_ascii=False) + "\n"
        self.prepare()
        try:
            if os.path.getsize(path) > _MOST_HISTORY_BYTES:
                with open(path, "rb") as file:
                    file.seek(_MOST_HISTORY_BYTES // 2)
                    self.write(HISTORY, file.read().partition(b"\n")[2].decode("utf-8", "replace"))
        except FileNotFoundError:
            self.write(HISTORY, "")
        with open(path, "ab") as file:
            file.write(text.encode("utf-8", "replace"))

    def prepare(self) -> None:
        """Make the folder where it is not there yet; raise UserError where it is somebody else's."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        status = os.lstat(self.folder)
        if not stat.S_ISDIR(status.st_mode) or not _is_owned(status):
            raise UserError(
                f"{self.folder} was made by somebody else: "
                "name a folder of your own with `watchkeeper config set session_monitor.workspace_base_dir`."
            )
        if not is_own(status):
            os.chmod(self.folder, 0o700)

    def _names(self, pattern: re.Pattern[str]) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.folder) if pattern.fullmatch(name))
        except OSError:
            return []


def is_own(status: os.stat_result) -> bool:
    """Return whether nobody but the user of this process can have written a file, or into a folder."""
    return _is_owned(status) and (sys.platform == "win32" or not status.st_mode & 0o022)


def read_own(path: str, most_bytes: int) -> bytes:
    """Return what a file begins with that only the user can have written; raise OSError for any other.

    A link is not followed, and a pipe is not waited for.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or not is_own(status):
            raise PermissionError(f"{path} is no file of the user's alone")
        return file.read(most_bytes)


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
    """Yield the workspaces that have files and that nobody but the user can have made, by name."""
    try:
        names = sorted(os.listdir(base))
    except OSError:
        return
    for name in names:
        folder = os.path.join(base, name)
        try:
            status = os.lstat(folder)
            if not stat.S_ISDIR(status.st_mode) or not is_own(status):
                continue
            told = read_own(os.path.join(folder, _PROJECT), _MOST_PROJECT_BYTES)
        except OSError:
            continue
        project = told.removesuffix(b"\n").decode("utf-8", "surrogateescape")
        # A folder that somebody has renamed or copied is not the one of that project.
        if project and slug_of(project) == name:
            yield Workspace(project, folder)


def _is_owned(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.geteuid()
