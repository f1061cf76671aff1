"""Windows Terminal: what follows its options is run as it is, with the environment it was called with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from watchkeeper.adapters import run as programs

from .port import Window, check
from .words import title

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from watchkeeper.adapters.run import Finished

    from .port import Opening

_TIMEOUT_S = 30.0
_PROGRAM = "wt.exe"


class WindowsTerminal:
    """Available on Windows where it is installed, as it is from Windows 11 on."""

    name = "windows-terminal"

    def __init__(
        self,
        environ: Mapping[str, str],
        run: Callable[..., Finished] = programs.run,
        find: Callable[[str, str | None], str | None] = programs.find,
        platform: str = sys.platform,
    ) -> None:
        """Take the environment of the user's own session."""
        self._environ = environ
        self._run = run
        self._find = find
        self._platform = platform

    def unavailable(self) -> str | None:
        if self._platform != "win32":
            return "this is not Windows"
        if self._find(_PROGRAM, self._environ.get("PATH")) is None:
            return "Windows Terminal is not installed"
        return None

    def open(self, opening: Opening) -> Window:
        check(opening)
        given = {name: value for name, value in opening.environment.items() if value is not None}
        kept = {name: value for name, value in self._environ.items() if name not in opening.environment}
        self._run(command(opening), timeout_s=_TIMEOUT_S, whole_environment={**kept, **given})
        return Window("", "")


def command(opening: Opening) -> list[str]:
    """Return the command that opens a new window; a semicolon would begin another tab."""
    after = ["--title", title(opening), "--startingDirectory", opening.folder, *opening.argv]
    return [_PROGRAM, "--window", "-1", "new-tab", *(word.replace(";", "\\;") for word in after)]
