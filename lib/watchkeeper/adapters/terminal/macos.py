"""Terminal.app and iTerm2, by osascript: a window types one line of fixed letters, which runs a script of ours."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from typing import TYPE_CHECKING

from watchkeeper.adapters import files
from watchkeeper.adapters import run as programs

from .port import Window, check
from .words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watchkeeper.adapters.run import Finished

    from .port import Opening

# The first use asks the user for leave: until they answer, nothing has failed.
_TIMEOUT_S = 60.0
# A path without a letter that any of the user's shells could take for more.
_FOLDER = "/tmp"  # noqa: S108 - a folder of our own is made in it, for us alone


class MacTerminal:
    """A terminal of macOS that obeys AppleScript; which one and how is told by its own class."""

    name: str
    places: tuple[str, ...]
    """Where the application is; the first that is there counts."""
    script: tuple[str, ...]
    """Types the second item of argv into a new window."""

    def __init__(
        self,
        platform: str = sys.platform,
        run: Callable[..., Finished] = programs.run,
        find: Callable[[str], str | None] = programs.find,
        exists: Callable[[str], bool] = os.path.exists,
    ) -> None:
        """Take the platform as Python names it."""
        self._platform = platform
        self._run = run
        self._find = find
        self._exists = exists

    def unavailable(self) -> str | None:
        if self._platform != "darwin":
            return "this is not macOS"
        if self._find("osascript") is None:
            return "osascript is not on the search path"
        return None if any(map(self._exists, self.places)) else f"{self.places[0]} is not there"

    def open(self, opening: Opening) -> Window:
        check(opening)
        folder = tempfile.mkdtemp(prefix="watchkeeper-", dir=_FOLDER)
        path = os.path.join(folder, "start")
        try:
            files.write(path, start_script(opening))
            self._run(command(self.script, path), timeout_s=_TIMEOUT_S)
        except BaseException:
            # An application that was not told of it does not need it.
            files.remove(path)
            os.rmdir(folder)
            raise
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


def command(script: Sequence[str], path: str) -> list[str]:
    """Return the command that opens a window which runs the script at `path`."""
    lines = [part for line in ("on run argv", *script, "end run") for part in ("-e", line)]
    return ["osascript", *lines, "watchkeeper", f"exec /bin/sh {path}"]


def start_script(opening: Opening) -> bytes:
    """Return a script for `sh` that deletes itself and its folder and becomes the program."""
    return os.fsencode(f'rm -f -- "$0"\nrmdir -- "${{0%/*}}"\nexec {shlex.join(words(opening))}\n')
