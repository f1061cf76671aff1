"""What the automation reaches outside itself, in one place: schedulers, terminals, notices, programs, processes."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters import processes
from watchkeeper.adapters import run as programs
from watchkeeper.adapters.notifier import choose as notifiers
from watchkeeper.adapters.scheduler import choose as schedulers
from watchkeeper.adapters.terminal import choose as terminals
from watchkeeper.core import clock
from watchkeeper.resources import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from watchkeeper.adapters.scheduler.port import Scheduler
    from watchkeeper.adapters.terminal.port import Terminal
    from watchkeeper.app import App
    from watchkeeper.core.state import Sample

    from .live_sessions import Identify


class Doors(NamedTuple):
    """Each is the real thing, or a test's."""

    schedulers: Sequence[Scheduler]
    terminals: Callable[[Mapping[str, str]], Sequence[Terminal]]
    """Given the environment of the user's own session."""
    notify: Callable[[str, str], str | None]
    """Shows a title and a text; returns why it was not shown."""
    ask: Callable[[Sequence[str], Mapping[str, str], float], programs.Finished]
    """Runs a program with these variables for at most so many seconds; raises ProgramFailed."""
    identify: Identify
    look: Callable[[str, float], Sample]
    now: Callable[[], float]
    sleep: Callable[[float], None]

    def scheduler(self, name: str) -> Scheduler:
        """Return the scheduler of that name; for `auto` the first that works."""
        return schedulers.choose(name, self.schedulers)

    def terminal(self, name: str, environ: Mapping[str, str]) -> Terminal:
        """Return the terminal of that name; for `auto` the first that works."""
        return terminals.choose(name, self.terminals(environ))


def real(app: App) -> Doors:
    """Return the doors of this machine."""
    return Doors(
        schedulers.candidates(app.environ, app.paths.config),
        terminals.candidates,
        lambda title, body: notifiers.notify(app.settings, title, body),
        _ask,
        processes.identify,
        machine.look,
        clock.now,
        time.sleep,
    )


def find_claude(environ: Mapping[str, str]) -> str | None:
    """Return the absolute path of the `claude` that the search path of `environ` leads to, or None."""
    found = programs.find("claude", environ.get("PATH"))
    return os.path.abspath(found) if found else None


def _ask(argv: Sequence[str], variables: Mapping[str, str], timeout_s: float) -> programs.Finished:
    return programs.run(argv, timeout_s=timeout_s, extra_environment=variables, accepted_codes=range(256))
