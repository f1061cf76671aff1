"""Carrying a request out, a step at each look: save, ask the session's own process to end, go on in a new one."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.adapters import processes
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.start import start
from watchkeeper.adapters.terminal import choose as terminals
from watchkeeper.adapters.terminal.port import Opening
from watchkeeper.automation.launch import NEVER_INHERITED
from watchkeeper.core import paths as places
from watchkeeper.errors import UserError
from watchkeeper.handoff import checkpoint

from . import termination
from .target import target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from watchkeeper.app import App

    from .monitor_config import MonitorConfig
    from .target import Target
    from .termination import Request
    from .workspace import Workspace

DONE, WAITING, REFUSED, FAILED = "done", "waiting", "refused", "failed"
# How a session is asked to end, and how long it gets to save and to run its own hooks before the next of them.
GRACEFUL = ((processes.INTERRUPT, 60.0),)
IMMEDIATE = ((processes.INTERRUPT, 10.0), (processes.TERMINATE, 10.0), (processes.KILL, 10.0))
_MEANS = {termination.GRACEFUL: GRACEFUL, termination.IMMEDIATE: IMMEDIATE}
_CONFIG_DIR = "CLAUDE_CONFIG_DIR"
# Whoever asked for an end yesterday does not expect a window to open today.
_STALE_S = 3_600.0


class Ending(NamedTuple):
    """How a request stands after a look at it."""

    outcome: str
    detail: str


class Doors(NamedTuple):
    """What the outside does, or a test in its place."""

    target_of: Callable[[str, str], Target]
    """Given a session and its project."""
    send: Callable[[processes.Identity, str], bool]
    """Asks the very process to end; whether that could be done."""
    is_alive: Callable[[processes.Identity], bool]
    open_window: Callable[[Opening], str]
    """Opens an interactive session and returns how it is reached."""
    start: Callable[[Opening], None]
    """Starts one that nobody sees."""
    clock_s: Callable[[], float] = time.monotonic
    """Only runs forward: whoever sets the clock, or lets the machine sleep, cuts no wait short."""


class Asked(NamedTuple):
    """A session that was asked to end, and how often."""

    identity: processes.Identity
    is_interactive: bool
    times: int
    until_s: float


def real_doors(app: App) -> Doors:
    """Return the doors of this machine."""

    def open_window(opening: Opening) -> str:
        _, window = terminals.open_window(
            app.settings["automation"]["terminal"], terminals.candidates(app.environ), opening
        )
        return window.reach

    def begin(opening: Opening) -> None:
        start(opening.argv, _whole(app.environ, opening.environment), opening.folder)

    def find(session_id: str, project: str) -> Target:
        return target_of(app.paths, session_id, project)

    return Doors(find, processes.send, processes.is_alive, open_window, begin)


class Endings:
    """The requests of all workspaces, as far as sessions were asked to end and have not yet."""

    def __init__(self) -> None:
        """Nobody was asked yet; after a restart of the daemon whoever still runs is asked again."""
        self._asked: dict[tuple[str, float], Asked] = {}

    def carry_out(self, app: App, where: Workspace, request: Request, config: MonitorConfig, doors: Doors) -> Ending:
        """Do the next step of a request and return how it stands; what is settled no longer waits in its workspace."""
        if request.project != where.project:
            return _settled(app, where, request, REFUSED, "nothing was ended: the request is of another project")
        if not request.ended:
            return self._end(app, where, request, config, doors)
        if not request.continuation_command:
            return _settled(app, where, request, DONE, "the session was ended")
        longest_s = config.restart_backoff_seconds * 2.0**request.attempts
        if app.now - request.not_before_at > _STALE_S:
            detail = "it was ended, and not started again: the request had waited for too long without a monitor"
            return _settled(app, where, request, FAILED, detail)
        # A clock that was set back makes nobody wait for longer than was meant.
        if app.now < request.not_before_at <= app.now + longest_s:
            return Ending(WAITING, "it goes on in a moment")
        return _go_on(app, where, request, config, doors)

    def _end(self, app: App, where: Workspace, request: Request, config: MonitorConfig, doors: Doors) -> Ending:
        key = (request.session_id, request.requested_at)
        if key in self._asked:
            return self._insist(app, where, request, config, doors)
        if app.now - request.requested_at > _STALE_S:
            detail = "nothing was ended: the request had waited for too long without a monitor"
            return _settled(app, where, request, REFUSED, detail)
        target = doors.target_of(request.session_id, request.project)
        if target.identity is None and not target.is_gone:
            return _settled(app, where, request, REFUSED, f"nothing was ended: {target.doubt}")
        unsaved = _save(app, request)
        if unsaved and request.priority == termination.GRACEFUL:
            detail = f"nothing was ended: its draft could not be saved ({unsaved})"
            return _settled(app, where, request, FAILED, detail)
        if target.identity is None:
            return self._ended(app, where, request, config, is_interactive=True)
        self._asked[key] = Asked(target.identity, target.is_interactive, 0, 0.0)
        return self._insist(app, where, request, config, doors)

    def _insist(self, app: App, where: Workspace, request: Request, config: MonitorConfig, doors: Doors) -> Ending:
        """Ask the session's process by the next means, once the wait for the one before is over."""
        key = (request.session_id, request.requested_at)
        asked = self._asked[key]
        is_alive = doors.is_alive(asked.identity)
        if is_alive and doors.clock_s() < asked.until_s:
            return Ending(WAITING, "it was asked to end")
        means = _MEANS[request.priority]
        if is_alive and asked.times >= len(means):
            del self._asked[key]
            detail = "it did not end when it was asked to"
            hint = "; --priority immediate insists" if request.priority == termination.GRACEFUL else ""
            return _settled(app, where, request, FAILED, detail + hint)
        # Saving takes a while, and so does every wait: the process may hold another session by now.
        target = doors.target_of(request.session_id, request.project)
        if target.identity is None or target.identity.pid != asked.identity.pid:
            del self._asked[key]
            if target.is_gone:
                return self._ended(app, where, request, config, asked.is_interactive)
            doubt = target.doubt or "another process runs the session by now"
            return _settled(app, where, request, REFUSED, f"it is left alone: {doubt}")
        if not is_alive:
            # Whoever sets the clock moves the time at which the system says that it started.
            self._asked[key] = asked._replace(identity=target.identity)
            return Ending(WAITING, "it was asked to end")
        how, wait_s = means[asked.times]
        doors.send(asked.identity, how)
        self._asked[key] = asked._replace(times=asked.times + 1, until_s=doors.clock_s() + wait_s)
        return Ending(WAITING, "it was asked to end")

    def _ended(
        self, app: App, where: Workspace, request: Request, config: MonitorConfig, is_interactive: bool
    ) -> Ending:
        # Written down, because a second look must not end whatever runs by then.
        not_before_at = app.now + config.restart_backoff_seconds
        update = {"ended": True, "is_interactive": is_interactive, "not_before_at": not_before_at}
        ended = request.model_copy(update=update)
        if not ended.continuation_command:
            return _settled(app, where, ended, DONE, "the session was ended")
        termination.file_request(where, ended)
        return Ending(WAITING, "it has ended and goes on in a moment")


def _go_on(app: App, where: Workspace, request: Request, config: MonitorConfig, doors: Doors) -> Ending:
    if request.attempts >= config.max_restart_attempts:
        detail = f"it was ended, and could not be started again in {request.attempts} tries"
        return _settled(app, where, request, FAILED, detail)
    attempts = request.attempts + 1
    not_before_at = app.now + config.restart_backoff_seconds * 2.0**attempts
    tried = request.model_copy(update={"attempts": attempts, "not_before_at": not_before_at})
    # Written down first: killed in between, it is tried once less rather than once more.
    termination.file_request(where, tried)
    try:
        opening = _opening(app, request)
        if request.is_interactive:
            reach = doors.open_window(opening)
            return _settled(app, where, tried, DONE, f"ended and started again{f' ({reach})' if reach else ''}")
        doors.start(opening)
    except (ProgramFailed, UserError, ValueError) as error:
        return Ending(WAITING, f"the continuation could not be started ({' '.join(str(error).split())[:200]})")
    return _settled(app, where, tried, DONE, "ended and started again")


def _opening(app: App, request: Request) -> Opening:
    program, *arguments = request.continuation_command
    found = shutil.which(program, path=app.environ.get("PATH") or os.defpath)
    if found is None:
        raise ValueError(f"{program} is not on the search path")
    variables: dict[str, str | None] = dict.fromkeys(NEVER_INHERITED)
    # The terminal's own may be another one. The usual one is named only where the user names it: it is read otherwise.
    is_usual = app.paths.config == places.config_dir({**app.environ, _CONFIG_DIR: ""})
    variables[_CONFIG_DIR] = None if is_usual and not app.environ.get(_CONFIG_DIR) else app.paths.config
    return Opening((os.path.abspath(found), *arguments), request.project, "Claude Code, continued", variables)


def _save(app: App, request: Request) -> str:
    """Write the draft of what the session ends in the middle of; return why it could not be written, else nothing."""
    try:
        checkpoint.refresh(app.ledger, app.settings, app.paths, app.environ, request.session_id, "termination", app.now)
    except (OSError, UserError) as error:
        return str(error)
    return ""


def _settled(app: App, where: Workspace, request: Request, outcome: str, detail: str) -> Ending:
    termination.settle(where, request, outcome, detail, app.now)
    return Ending(outcome, detail)


def _whole(environ: Mapping[str, str], changed: Mapping[str, Any]) -> dict[str, str]:
    whole = {**environ, **changed}
    return {name: value for name, value in whole.items() if value is not None}
