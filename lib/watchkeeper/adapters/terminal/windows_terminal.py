"""Windows Terminal: what follows its options is run as it is, with the environment it was called with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .port import Window, check, title_of

if TYPE_CHECKING:
    from watchkeeper.adapters.host import Host

    from .port import Opening

_TIMEOUT_S = 30.0
_PROGRAM = "wt.exe"


class WindowsTerminal:
    """Available on Windows where it is installed, as it is from Windows 11 on."""

    name = "windows-terminal"

    def __init__(self, host: Host) -> None:
        """Take the machine as the user's own session sees it."""
        self._host = host

    def unavailable(self) -> str | None:
        return self._host.lacks("win32", _PROGRAM, "Windows Terminal is not installed")

    def open(self, opening: Opening) -> Window:
        check(opening)
        given = {name: value for name, value in opening.environment.items() if value is not None}
        kept = {name: value for name, value in self._host.environ.items() if name not in opening.environment}
        self._host.run(command(opening), timeout_s=_TIMEOUT_S, whole_environment={**kept, **given})
        return Window("", "")


def command(opening: Opening) -> list[str]:
    """Return the command that opens a new window; a semicolon would begin another tab."""
    after = ["--title", title_of(opening), "--startingDirectory", opening.folder, *opening.argv]
    return [_PROGRAM, "--window", "-1", "new-tab", *(word.replace(";", "\\;") for word in after)]
