"""launchd: a LaunchAgent of the logged-in user that stays loaded."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from watchkeeper.adapters import files
from watchkeeper.adapters import run as programs
from watchkeeper.adapters.scheduler import launchd as scheduler
from watchkeeper.adapters.scheduler.port import Unschedulable

from .port import Unservable, check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from watchkeeper.adapters.run import Finished

    from .port import Program

_TIMEOUT_S = 15.0
# Unloading is done in the background: until then the same label cannot be loaded again.
_TRIES, _BETWEEN_S = 20, 0.2


class LaunchdService:
    """Available on macOS while the user is logged in at the screen."""

    name = "launchd"

    def __init__(
        self,
        service_name: str,
        environ: Mapping[str, str],
        run: Callable[..., Finished] = programs.run,
        find: Callable[[str], str | None] = programs.find,
        platform: str = sys.platform,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the environment that tells the user's home."""
        self._label = service_name
        self._run = run
        self._find = find
        self._platform = platform
        self._sleep = sleep
        folder = os.path.join(environ.get("HOME") or os.sep, "Library", "LaunchAgents")
        self._path = os.path.join(folder, f"{service_name}.plist")
        self._domain = f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"

    def unavailable(self) -> str | None:
        if self._platform != "darwin":
            return "this is not macOS"
        if self._find("launchctl") is None:
            return "launchctl is not on the search path"
        try:
            self._launchctl("print", self._domain)
        except programs.ProgramFailed:
            return "you are not logged in at this Mac's screen"
        return None

    def install(self, program: Program) -> None:
        check(program)
        try:
            content = scheduler.text(agent(program, self._label))
        except Unschedulable as error:
            raise Unservable(str(error)) from error
        self.remove()
        try:
            files.write(self._path, content)
        except OSError as error:
            raise programs.ProgramFailed([self.name], f"{self._path} cannot be written ({error.strerror})") from error
        for left in reversed(range(_TRIES)):
            try:
                self._launchctl("bootstrap", self._domain, self._path)
            except programs.ProgramFailed:
                if not left:
                    files.remove(self._path)
                    raise
                self._sleep(_BETWEEN_S)
            else:
                return

    def remove(self) -> bool:
        if not self.is_installed():
            return False
        # It may not be loaded. The file goes last: without it the agent could not be found again.
        self._launchctl("bootout", f"{self._domain}/{self._label}", accepted_codes=range(256))
        return files.remove(self._path)

    def is_installed(self) -> bool:
        return os.path.exists(self._path)

    def _launchctl(self, *words: str, accepted_codes: range = range(1)) -> Finished:
        return self._run(["launchctl", *words], timeout_s=_TIMEOUT_S, accepted_codes=accepted_codes)


def agent(program: Program, label: str) -> dict[str, Any]:
    """Return the agent as launchd.plist(5) wants it. One that was stopped stays so until the next login."""
    made = {
        "Label": label,
        "ProgramArguments": list(program.argv),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        # What the daemon has started outlives it.
        "AbandonProcessGroup": True,
        "ProcessType": "Background",
    }
    return {**made, "EnvironmentVariables": dict(program.environment)} if program.environment else made
