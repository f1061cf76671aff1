"""systemd: a service of the user's own manager."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.adapters import files, unit_words
from watchkeeper.adapters.program import plain_line
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.systemctl import Systemctl

from .port import check

if TYPE_CHECKING:
    from watchkeeper.adapters.host import Host

    from .port import Program

# A restart waits for the daemon that runs to end.
_TIMEOUT_S = 60.0


class SystemdService:
    """Available where the user's manager runs."""

    name = "systemd"

    def __init__(self, service_name: str, host: Host) -> None:
        """Take what the service is called."""
        self._unit = f"{service_name}.service"
        self._systemctl = Systemctl(host, _TIMEOUT_S)

    def unavailable(self) -> str | None:
        return self._systemctl.unavailable()

    def install(self, program: Program) -> None:
        check(program)
        self._systemctl.put(self._unit, unit(program))
        try:
            self._systemctl.run("daemon-reload")
            self._systemctl.run("enable", self._unit)
            self._systemctl.run("restart", self._unit)
        except ProgramFailed:
            self.remove()
            raise

    def remove(self) -> bool:
        if not self.is_installed():
            return False
        self._systemctl.run("disable", "--now", self._unit, accepted_codes=range(256))
        files.remove(self._systemctl.path(self._unit))
        self._systemctl.run("daemon-reload", accepted_codes=range(256))
        return True

    def is_installed(self) -> bool:
        return os.path.exists(self._systemctl.path(self._unit))


def unit(program: Program) -> str:
    """Return the unit file. One that was stopped stays so until the next login; one that has failed does not.

    Raise UnfitProgram.
    """
    return f"""[Unit]
Description={plain_line(program.label)}

[Service]
Type=exec
{unit_words.execution(program.argv, program.environment)}
Restart=on-failure
RestartSec=10
KillMode=process

[Install]
WantedBy=default.target
"""
