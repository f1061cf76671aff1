"""What git says of a project: branch, last commit, what is not committed, and a fingerprint of that.

Standard library only: the hook at a session's start asks, too.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from typing import NamedTuple

from watchkeeper.adapters.run import ProgramFailed, run
from watchkeeper.core import paths
from watchkeeper.render.columns import clean

TIMEOUT_S = 4.0
_MOST_FILES = 200
_MOST_BYTES = 256 << 10
# A repository must not make us run what its configuration names, nor shall looking at it write into it.
GIT = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_HASH = re.compile(r"[0-9a-f]{7,64}")


class Repository(NamedTuple):
    """The state of a working tree, each text on one line. `fingerprint` is empty where everything is committed."""

    branch: str
    commit: str
    commit_subject: str
    changed: tuple[str, ...]
    """Paths that differ from the commit, relative to the top level."""
    fingerprint: str


def look(folder: str, timeout_s: float = TIMEOUT_S, reads_files: bool = True) -> Repository | None:
    """Return the state of the repository that `folder` is in, None where there is none or git cannot tell.

    Without `reads_files` there is no fingerprint.
    """
    # A folder that a transcript names may be any text.
    project = paths.project_of(folder) if folder and "\0" not in folder else ""
    if not project or not os.path.exists(os.path.join(project, ".git")):
        return None
    try:
        status = run(
            [*GIT, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--no-renames"],
            timeout_s=timeout_s,
            folder=project,
        ).stdout
    except ProgramFailed:
        return None
    return repository_of(status, project if reads_files else "", _subject(project, timeout_s))


def commits_since(project: str, at: float, most: int, timeout_s: float = TIMEOUT_S) -> list[str]:
    """Return the subjects of the commits on the current branch since `at` (epoch seconds), the oldest first."""
    try:
        log = run(
            [*GIT, "log", f"--since=@{at:.0f} +0000", f"--max-count={most}", "--format=%s", "--no-show-signature"],
            timeout_s=timeout_s,
            folder=project,
        ).stdout
    except ProgramFailed:
        return []
    return [_line(subject) for subject in reversed(log.split("\n")) if _line(subject)]


def repository_of(status: str, project: str, subject: str = "") -> Repository:
    """Return what `git status --porcelain=v2 --branch -z` says, with the fingerprint of the files below `project`.

    Without a project there is none.
    """
    branch = commit = ""
    changed: list[str] = []
    digest = hashlib.blake2s(digest_size=8)
    for record in status.split("\0"):
        if record.startswith("# branch.head "):
            branch = _line(record.removeprefix("# branch.head "))
        elif record.startswith("# branch.oid "):
            oid = record.removeprefix("# branch.oid ")
            commit = oid if _HASH.fullmatch(oid) else ""
        elif record[:2] in ("1 ", "u ", "? "):
            path = record.split(" ", {"1": 8, "u": 10, "?": 1}[record[0]])[-1]
            changed.append(path)
            digest.update(record.encode("utf-8", "surrogateescape") + b"\0")
            if project and len(changed) <= _MOST_FILES:
                digest.update(_content(os.path.join(project, path)))
    return Repository(
        "" if branch == "(detached)" else branch,
        commit,
        subject if commit else "",
        tuple(_line(path) for path in changed),
        digest.hexdigest() if project and changed else "",
    )


def _subject(project: str, timeout_s: float) -> str:
    try:
        log = run([*GIT, "log", "-1", "--format=%s", "--no-show-signature"], timeout_s=timeout_s, folder=project)
    except ProgramFailed:
        return ""
    return _line(log.stdout)


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _content(path: str) -> bytes:
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return os.fsencode(os.readlink(path))
        if not stat.S_ISREG(status.st_mode):
            return b"folder"
        with open(path, "rb") as file:
            return b"%d " % status.st_size + hashlib.blake2s(file.read(_MOST_BYTES)).digest()
    except OSError:
        return b"gone"
