"""systemd: a service of the user's own manager."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from watchkeeper.adapters import files
from watchkeeper.adapters import run as programs
from watchkeeper.adapters.scheduler.port import Unschedulable
from watchkeeper.adapters.scheduler.shell import plain_line
from watchkeeper.adapters.scheduler.unit_text import quoted

from .port import Unservable, check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from watchkeeper.adapters.run import Finished

    from .port import Program

_TIMEOUT_S = 60.0
_RUNNING = {"initializing", "starting", "running", "degraded"}


class SystemdService:
    """Available where the user's manager runs."""

    name = "systemd"

    def __init__(
        self,
        service_name: str,
        environ: Mapping[str, str],
        run: Callable[..., Finished] = programs.run,
        find: Callable[[str], str | None] = programs.find,
        platform: str = sys.platform,
    ) -> None:
        """Take the environment that tells where the user's unit files are."""
        self._unit = f"{service_name}.service"
        self._run = run
        self._find = find
        self._platform = platform
        base = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME") or os.sep, ".config")
        self._path = os.path.join(base, "systemd", "user", self._unit)

    def unavailable(self) -> str | None:
        if self._platform != "linux":
            return "this is not Linux"
        if self._find("systemctl") is None:
            return "systemd is not installed"
        try:
            done = self._systemctl("is-system-running", accepted_codes=range(256))
        except programs.ProgramFailed as error:
            return f"systemctl does not work: {error.reason}"
        state = done.stdout.strip()
        return None if state in _RUNNING else f"no manager of the user's own runs here ({state or 'none'})"

    def install(self, program: Program) -> None:
        check(program)
        text = unit(program)
        try:
            files.write(self._path, text.encode())
        except OSError as error:
            raise programs.ProgramFailed(
                [self.name], f"{error.filename} cannot be written ({error.strerror})"
            ) from error
        try:
            self._systemctl("daemon-reload")
            self._systemctl("enable", self._unit)
            self._systemctl("restart", self._unit)
        except programs.ProgramFailed:
            self.remove()
            raise

    def remove(self) -> bool:
        if not self.is_installed():
            return False
        self._systemctl("disable", "--now", self._unit, accepted_codes=range(256))
        files.remove(self._path)
        self._systemctl("daemon-reload", accepted_codes=range(256))
        return True

    def is_installed(self) -> bool:
        return os.path.exists(self._path)

    def _systemctl(self, *words: str, accepted_codes: range = range(1)) -> Finished:
        return self._run(["systemctl", "--user", *words], timeout_s=_TIMEOUT_S, accepted_codes=accepted_codes)


def unit(program: Program) -> str:
    """Return the unit file. One that was stopped stays so until the next login; one that has failed does not."""
    try:
        variables = [f"Environment={quoted(f'{name}={value}')}\n" for name, value in program.environment.items()]
        words = " ".join(quoted(word).replace("$", "$$") for word in program.argv)
    except Unschedulable as error:
        raise Unservable(str(error)) from error
    return f"""[Unit]
Description={plain_line(program.label)}

[Service]
Type=exec
{"".join(variables)}ExecStart={words}
Restart=on-failure
RestartSec=10
KillMode=process

[Install]
WantedBy=default.target
"""
