"""Starting and stopping the daemon, and what is told of it."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from watchkeeper.adapters import processes
from watchkeeper.adapters.program import UnfitProgram
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.service import choose
from watchkeeper.adapters.service.port import Program
from watchkeeper.adapters.start import start as start_apart
from watchkeeper.automation.launch import NEVER_INHERITED
from watchkeeper.core import paths as places
from watchkeeper.errors import UserError

from . import monitor_config, requests, running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.adapters.service.port import Service
    from watchkeeper.app import App

SWITCHED_OFF = "The monitor is switched off: `watchkeeper config set session_monitor.enabled true` allows it."
# Long enough for a machine on which very much starts at once.
_START_WAIT_S, _STOP_WAIT_S, _LOOK_S = 60.0, 30.0, 0.05
# Others may be starting it, each for as long as that takes.
_OTHERS_WAIT_S = 60.0
# What the user's programs are found with; a service is given little by itself.
_OF_THE_USER = ("CLAUDE_CONFIG_DIR", "LANG", "PATH", "TMUX_TMPDIR")


def command(app: App) -> list[str]:
    """Return the command line of the daemon itself."""
    main = os.path.join(places.bundle_root(), "lib", "watchkeeper", "__main__.py")
    arguments = ["monitor", "start", "--foreground", "--config-dir", app.paths.config]
    return [sys.executable, "-I", "-X", "utf8", main, *arguments]


def is_allowed(app: App) -> bool:
    """Return whether the settings let a daemon run."""
    return monitor_config.config_of(app.settings).enabled


def start(app: App) -> bool:
    """Start the daemon and wait until it runs; False when one ran already. Raise UserError when it does not start."""
    if not is_allowed(app):
        raise UserError(SWITCHED_OFF)
    if running.read(app.paths) is not None:
        return False
    try:
        with running.starting(app.paths, _OTHERS_WAIT_S):
            return _start(app)
    except Timeout:
        raise UserError("Somebody else is starting the monitor, and it takes long: look again in a minute.") from None


def install(app: App, services: Sequence[Service] | None = None) -> str:
    """Have the daemon run whenever the user is logged in, from now on, and return by what. Raise UserError."""
    if not is_allowed(app):
        raise UserError(SWITCHED_OFF)
    service = choose.choose(choose.candidates(app.environ, app.paths.config) if services is None else services)
    reason = service.unavailable()
    if reason:
        raise UserError(f"No service can keep the monitor running here ({reason}): `watchkeeper monitor start` does.")
    stop(app)
    variables = {name: app.environ[name] for name in _OF_THE_USER if app.environ.get(name)}
    try:
        service.install(Program(tuple(command(app)), "Watchkeeper: the session monitor", variables))
    except (ProgramFailed, UnfitProgram) as failure:
        raise UserError(
            f"The service could not be made ({failure}): `watchkeeper monitor start` does without."
        ) from None
    return service.name


def uninstall(app: App, services: Sequence[Service] | None = None) -> list[str]:
    """Have nothing start the daemon any more, and return what did. Raise UserError when that does not work."""
    among = choose.candidates(app.environ, app.paths.config) if services is None else services
    try:
        return [each.name for each in among if each.is_installed() and each.remove()]
    except ProgramFailed as failure:
        raise UserError(f"The service could not be taken out ({failure}): try again.") from None


def stop(app: App) -> bool:
    """Stop the daemon and wait until it has ended; False when none ran. Raise UserError when it does not end."""
    found = _found(app)
    if found is None:
        return False
    processes.send(found.identity, processes.TERMINATE)
    if not processes.wait(found.identity, _STOP_WAIT_S):
        raise UserError(f"The monitor (process {found.identity.pid}) does not end: end it by hand.")
    return True


def status_view(app: App) -> dict[str, Any]:
    """Return what is told of the daemon."""
    config = monitor_config.config_of(app.settings)
    found = running.read(app.paths)
    base = monitor_config.base_of(config, app.paths)
    return {
        "now_at": app.now,
        "running": found is not None,
        "pid": None if found is None else found.identity.pid,
        "since_at": None if found is None else found.since_at,
        "watches": None if found is None else found.watches,
        "enabled": config.enabled,
        "auto_terminate": config.auto_terminate,
        "check_interval_seconds": config.check_interval_seconds,
        "token_warning_threshold": config.token_warning_threshold,
        "token_critical_threshold": config.token_critical_threshold,
        "workspace_base_dir": base,
        "service": next(
            (each.name for each in choose.candidates(app.environ, app.paths.config) if each.is_installed()), None
        ),
        "requests": [where.project for where, _ in requests.waiting(base)],
    }


def _start(app: App) -> bool:
    if running.read(app.paths) is not None:
        return False
    environ = {name: value for name, value in app.environ.items() if name not in NEVER_INHERITED}
    try:
        start_apart(command(app), environ)
    except ProgramFailed as failure:
        raise UserError(
            f"The monitor could not be started: {failure.reason}; `watchkeeper doctor` looks further."
        ) from None
    until_s = time.monotonic() + _START_WAIT_S
    while running.read(app.paths) is None:
        if time.monotonic() >= until_s:
            raise UserError(f"The monitor does not come up: the log in {app.paths.logs} says why.")
        time.sleep(_LOOK_S)
    return True


def _found(app: App) -> running.Daemon | None:
    """The daemon that runs; one that is just coming up, or going, is waited for."""
    until_s = time.monotonic() + _START_WAIT_S
    while (found := running.read(app.paths)) is None and running.is_running(app.paths):
        if time.monotonic() >= until_s:
            raise UserError("A monitor runs, but which process it is cannot be proved: end it by hand.")
        time.sleep(_LOOK_S)
    return found
