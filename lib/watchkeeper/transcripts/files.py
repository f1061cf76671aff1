"""Finding transcripts: every *.jsonl below the client's projects folder, and whose each is."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

SUFFIX = ".jsonl"
_AGENT_PREFIX = "agent-"


class Transcript(NamedTuple):
    """A transcript as it lies on the disk. `key` is its path as the ledger can store it."""

    path: str
    key: str
    session_id: str
    """Whose records these are where they do not say so themselves."""
    is_agent: bool
    """It holds a sub-agent's records."""
    inode: int
    size: int
    modified_ns: int


def find(projects: str) -> list[Transcript]:
    """Return the transcripts below the folder `projects`, the one that was changed longest ago first.

    A project's folder may be a link, unless it leads to a folder that holds this one; links below are not followed.
    Each folder is read once, and what cannot be read is left out.
    """
    real_projects = os.path.realpath(projects)
    found: list[Transcript] = []
    seen: set[tuple[int, int]] = set()
    # A folder, and the session it belongs to: none in the projects folder and in a project's.
    waiting: list[tuple[str, str | None, int]] = [(projects, None, 0)]
    while waiting:
        folder, session_id, depth = waiting.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(SUFFIX):
                        transcript = _transcript(entry, session_id)
                        if transcript is not None:
                            found.append(transcript)
                            continue
                    if _is_folder(entry, real_projects if depth == 0 else ""):
                        below = session_id or (entry.name if depth else None)
                        waiting.append((entry.path, below, depth + 1))
        except OSError:
            continue
    found.sort(key=_age)
    return found


def at(key: str, session_id: str) -> Transcript | None:
    """Return the transcript at a path that the ledger knows, None when it is gone."""
    try:
        status = os.stat(key)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    is_agent = os.path.basename(key).startswith(_AGENT_PREFIX)
    return Transcript(key, key, session_id, is_agent, status.st_ino, status.st_size, status.st_mtime_ns)


def storable(text: str) -> str:
    """Return `text` as SQLite can store it: a file's name need not be valid text."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _transcript(entry: os.DirEntry[str], folder_session_id: str | None) -> Transcript | None:
    try:
        if not entry.is_file():
            return None
        # Windows keeps sizes of open files in its folders out of date, and no inodes.
        status = os.stat(entry.path) if os.name == "nt" else entry.stat()
    except OSError:
        return None
    is_agent = folder_session_id is not None or entry.name.startswith(_AGENT_PREFIX)
    session_id = folder_session_id or entry.name[: -len(SUFFIX)]
    return Transcript(
        entry.path,
        storable(entry.path),
        storable(session_id),
        is_agent,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
    )


def _is_folder(entry: os.DirEntry[str], linked_but_above: str) -> bool:
    """Return whether an entry is a folder to be read; a link is one where it does not hold `linked_but_above`."""
    try:
        if not entry.is_symlink():
            return entry.is_dir()
        if not linked_but_above or not entry.is_dir():
            return False
        target = os.path.join(os.path.realpath(entry.path), "")
        return not os.path.join(linked_but_above, "").startswith(target)
    except OSError:
        return False


def _age(transcript: Transcript) -> tuple[int, str]:
    return transcript.modified_ns, transcript.path
