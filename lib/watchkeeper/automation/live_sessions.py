"""Sessions that run now, by the small file that the client keeps of each, and what they are doing.

Claude Code writes `sessions/<process id>.json` (seen in 2.1.329) with the process, the session's id and folder, and
whether it is busy. The file of a session that was killed stays, so a process counts only when it started when the
file says. The files beside them that end in `.key` are never opened.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters import processes
from watchkeeper.core import paths as places
from watchkeeper.core import tail
from watchkeeper.transcripts import files

from .objects import object_in, object_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchkeeper.core.paths import Paths

    Identify = Callable[[int], processes.Identity | None]

_NAME = re.compile(r"\d{1,10}\.json")
_MOST_BYTES = 64 * 1024
_MOST_FILES = 500
_TAIL_BYTES = 1 << 20
# The client notes the time some way into its start.
_STARTING_S = 120.0
_LATEST_MS = 1e15
_CONTINUES = "continuing automatically"
# "Automatic continue cancelled", after which it does not.
_ABOUT_CONTINUING = re.compile(r"continuing automatically|automatic continue", re.IGNORECASE)
_SAID = (b'"user"', b'"assistant"', b'"informational"')


class LiveSession(NamedTuple):
    """A session whose process runs."""

    session_id: str
    project: str
    is_busy: bool | None
    """Whether it is answering; None where its client does not say."""
    pid: int
    kind: str


def live_sessions(paths: Paths, identify: Identify = processes.identify) -> list[LiveSession] | None:
    """Return the sessions that run now, None where the client keeps no such files."""
    kept = _paths(paths)
    if kept is None:
        return None
    found = (_session(path, identify) for path in kept)
    return [each for each in found if each is not None]


def claiming_processes(paths: Paths, session_id: str) -> list[int]:
    """Return the process ids that files name for a session, whether or not those processes run, or are it."""
    told = (object_in(path, _MOST_BYTES) or {} for path in _paths(paths) or ())
    pids = [each.get("pid") for each in told if each.get("sessionId") == session_id]
    return [pid for pid in pids if isinstance(pid, int) and 0 < pid < 2**31]


def continues_by_itself(paths: Paths, session_id: str) -> bool:
    """Return whether a session's last word is that it waits for the reset and goes on by itself."""
    for transcript in files.find(paths.projects):
        if os.path.basename(transcript.path) == f"{session_id}.jsonl":
            return _ends_waiting(tail.last_bytes(transcript.path, _TAIL_BYTES))
    return False


def _session(path: str, identify: Identify) -> LiveSession | None:
    told = object_in(path, _MOST_BYTES) or {}
    pid, session_id, cwd = told.get("pid"), told.get("sessionId"), told.get("cwd")
    started_ms = told.get("startedAt")
    if not isinstance(pid, int) or not isinstance(session_id, str) or not isinstance(cwd, str):
        return None
    if isinstance(started_ms, bool) or not isinstance(started_ms, (int, float)) or not 0 < pid < 2**31:
        return None
    if not 0 < started_ms < _LATEST_MS:
        return None
    identity = identify(pid)
    if identity is None or not -_STARTING_S < identity.started_at - started_ms / 1000.0 < 2.0:
        return None
    try:
        project = places.project_of(cwd)
    except ValueError:
        # A zero, or half of a character, is in no path.
        return None
    status = told.get("status")
    return LiveSession(
        session_id,
        project,
        status == "busy" if isinstance(status, str) else None,
        pid,
        str(told.get("kind") or ""),
    )


def _paths(paths: Paths) -> list[str] | None:
    """The files of sessions, None where the client keeps none."""
    folder = os.path.join(paths.config, "sessions")
    try:
        names = sorted(name for name in os.listdir(folder) if _NAME.fullmatch(name))
    except OSError:
        return None
    return [os.path.join(folder, name) for name in names[:_MOST_FILES]]


def _ends_waiting(last: bytes) -> bool:
    """Whether the client's last word in a transcript is that it continues, with nothing said after it."""
    for line in reversed(last.split(b"\n")):
        if not any(word in line for word in _SAID):
            continue
        record = object_of(line)
        if record.get("type") in ("user", "assistant"):
            return False
        content = record.get("content")
        if record.get("type") == "system" and isinstance(content, str) and _ABOUT_CONTINUING.search(content):
            return _CONTINUES in content
    return False
