"""systemd, spoken to by systemctl: the user's own manager and its unit files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import files
from .run import ProgramFailed

if TYPE_CHECKING:
    from .host import Host
    from .run import Finished

_RUNNING = {"initializing", "starting", "running", "degraded"}


class Systemctl:
    """The units of the user's own manager. What does not work raises ProgramFailed."""

    def __init__(self, host: Host, timeout_s: float) -> None:
        """`timeout_s` is how long one call may take."""
        self._host = host
        self._timeout_s = timeout_s
        config = host.environ.get("XDG_CONFIG_HOME") or host.below_home(".config")
        self.folder = os.path.join(config, "systemd", "user")
        """Where the user's unit files are."""

    def unavailable(self) -> str | None:
        """Return why no unit can be started here, as the rest of a sentence; None if one can."""
        reason = self._host.lacks("linux", "systemctl", "systemd is not installed")
        if reason is not None:
            return reason
        try:
            state = self.run("is-system-running", accepted_codes=range(256)).stdout.strip()
        except ProgramFailed as error:
            return f"systemctl does not work: {error.reason}"
        return None if state in _RUNNING else f"no manager of the user's own runs here ({state or 'none'})"

    def path(self, unit: str) -> str:
        """Return where the file of a unit is."""
        return os.path.join(self.folder, unit)

    def put(self, unit: str, text: str) -> None:
        """Write the file of a unit."""
        files.put(self.path(unit), text.encode())

    def run(self, *words: str, accepted_codes: range = range(1)) -> Finished:
        """Call systemctl for the user's own manager."""
        argv = ["systemctl", "--user", *words]
        return self._host.run(argv, timeout_s=self._timeout_s, accepted_codes=accepted_codes)
