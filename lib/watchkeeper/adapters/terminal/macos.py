"""Terminal.app and iTerm2, by osascript: a window types one line of fixed letters, which runs a script of ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import start_file
from .port import Window, check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watchkeeper.adapters.host import Host

    from .port import Opening

# The first use asks the user for leave: until they answer, nothing has failed.
_TIMEOUT_S = 60.0


class MacTerminal:
    """A terminal of macOS that obeys AppleScript; which one and how is told by its own class."""

    name: str
    places: tuple[str, ...]
    """Where the application is; the first that is there counts."""
    script: tuple[str, ...]
    """Types the second item of argv into a new window."""

    def __init__(self, host: Host, exists: Callable[[str], bool] = os.path.exists) -> None:
        """`exists` says whether an application is there."""
        self._host = host
        self._exists = exists

    def unavailable(self) -> str | None:
        reason = self._host.lacks("darwin", "osascript", "osascript is not on the search path")
        if reason is not None:
            return reason
        return None if any(map(self._exists, self.places)) else f"{self.places[0]} is not there"

    def open(self, opening: Opening) -> Window:
        check(opening)
        with start_file.written(opening) as run:
            self._host.run(command(self.script, run), timeout_s=_TIMEOUT_S)
        return Window("", "")


class TerminalApp(MacTerminal):
    """Available on every macOS."""

    name = "terminal"
    places = ("/System/Applications/Utilities/Terminal.app", "/Applications/Utilities/Terminal.app")
    script = ('tell application "Terminal" to do script (item 2 of argv)',)


class ITerm(MacTerminal):
    """Available where iTerm2 is installed."""

    name = "iterm"
    places = ("/Applications/iTerm.app",)
    script = (
        'tell application "iTerm"',
        "set opened to (create window with default profile)",
        "tell current session of opened to write text (item 2 of argv)",
        "end tell",
    )


def command(script: Sequence[str], run: Sequence[str]) -> list[str]:
    """Return the command that opens a window and types into it the words `run`, which hold no letter of a shell's."""
    lines = [part for line in ("on run argv", *script, "end run") for part in ("-e", line)]
    return ["osascript", *lines, "watchkeeper", f"exec {' '.join(run)}"]
