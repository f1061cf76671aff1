"""launchd: a LaunchAgent of the logged-in user that stays loaded."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from watchkeeper.adapters import launchctl

from .port import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchkeeper.adapters.host import Host

    from .port import Program


class LaunchdService:
    """Available on macOS while the user is logged in at the screen."""

    name = "launchd"

    def __init__(self, service_name: str, host: Host, sleep: Callable[[float], None] = time.sleep) -> None:
        """`sleep` waits between two tries to load the agent."""
        self._label = service_name
        self._launchctl = launchctl.Launchctl(host, sleep)

    def unavailable(self) -> str | None:
        return self._launchctl.unavailable()

    def install(self, program: Program) -> None:
        check(program)
        content = agent(program, self._label)
        self.remove()
        self._launchctl.load(self._label, content)

    def remove(self) -> bool:
        return self.is_installed() and self._launchctl.unload(self._label)

    def is_installed(self) -> bool:
        return os.path.exists(self._launchctl.path(self._label))


def agent(program: Program, label: str) -> bytes:
    """Return the agent's file. One that was stopped stays so until the next login. Raise UnfitProgram."""
    return launchctl.agent(
        label,
        program.argv,
        program.environment,
        KeepAlive={"SuccessfulExit": False},
        ThrottleInterval=10,
        ProcessType="Background",
    )
