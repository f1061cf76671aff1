"""Which process a session is: proved by its id, start, program, user and folder, or refused with the doubt."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters import processes
from watchkeeper.automation import live_sessions
from watchkeeper.core import paths as places

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchkeeper.adapters.processes import Details, Identity
    from watchkeeper.automation.live_sessions import LiveSession
    from watchkeeper.core.paths import Paths

_PROGRAMS = frozenset({"claude", "claude.exe", "node", "node.exe", "bun", "bun.exe"})
# Its own installer keeps each version as one file of that name, which `claude` links to.
_VERSION = re.compile(r".*[/\\]claude[/\\]versions[/\\]\d[\w.-]*(\.exe)?")
_INTERACTIVE = "interactive"


class Looks(NamedTuple):
    """How processes are looked at."""

    identify: Callable[[int], Identity | None] = processes.identify
    details_of: Callable[[Identity], Details | None] = processes.details_of


class Target(NamedTuple):
    """The process of a session; `identity` is None where there is none, or doubt, and `doubt` says which."""

    identity: Identity | None
    is_interactive: bool = False
    doubt: str = ""
    is_gone: bool = False
    """Whether the session is known not to run any more."""


def target_of(paths: Paths, session_id: str, project: str, looks: Looks | None = None) -> Target:
    """Return the process that a session of a project runs in. Anything doubtful is no target."""
    look = looks or Looks()
    running = live_sessions.live_sessions(paths, look.identify)
    if running is None:
        return Target(None, doubt="this Claude Code keeps no files of its running sessions, so none can be told apart")
    found = [each for each in running if each.session_id == session_id]
    if len(found) > 1:
        return Target(None, doubt=f"{len(found)} processes say that they run the session")
    if not found:
        doubt = _doubt_of_others(paths, session_id, look)
        return Target(None, is_gone=not doubt, doubt=doubt or "the session does not run any more")
    identity = look.identify(found[0].pid)
    details = look.details_of(identity) if identity is not None else None
    if identity is None or details is None:
        return Target(None, is_gone=True, doubt="the session has just ended")
    doubt = _doubt(identity, details, found[0], project)
    return Target(None if doubt else identity, found[0].kind == _INTERACTIVE, doubt)


def is_client(executable: str) -> bool:
    """Return whether a program's path is one that Claude Code runs as."""
    name = re.split(r"[/\\]", executable)[-1].lower()
    return name in _PROGRAMS or _VERSION.fullmatch(executable) is not None


def _doubt(identity: Identity, details: Details, session: LiveSession, project: str) -> str:
    if not details.is_own:
        return f"process {identity.pid} belongs to another user"
    if identity.pid == os.getpid():
        return "it is this process"
    if not is_client(identity.executable):
        program = os.path.basename(identity.executable)
        return f"process {identity.pid} runs {program or 'a program that may not be read'}, which is not Claude Code"
    if session.project != project:
        return f"the session works in {session.project}, not in {project}"
    if not details.folder:
        return f"the folder that process {identity.pid} works in may not be read"
    if places.project_of(details.folder) != project:
        return f"process {identity.pid} works in {details.folder}, not in {project}"
    return ""


def _doubt_of_others(paths: Paths, session_id: str, look: Looks) -> str:
    """Why a session that no process is proved to run might run all the same; empty where none could be it."""
    for pid in live_sessions.claiming_processes(paths, session_id):
        identity = look.identify(pid)
        # Whatever else has got its id since is not the session.
        if identity is not None and is_client(identity.executable):
            return f"process {pid} is said to run the session, but started at another time"
    return ""
