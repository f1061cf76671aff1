"""macOS: osascript, which is always there. The text is handed over as arguments and never becomes code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .text import plain

if TYPE_CHECKING:
    from watchkeeper.adapters.host import Host

_TIMEOUT_S = 10.0
_SCRIPT = (
    "on run argv",
    "display notification (item 3 of argv) with title (item 2 of argv)",
    "end run",
)


class MacOS:
    """Available on macOS."""

    name = "macos"

    def __init__(self, host: Host) -> None:
        """Take the user's machine."""
        self._host = host

    def unavailable(self) -> str | None:
        return self._host.lacks("darwin", "osascript", "osascript is not on the search path")

    def send(self, title: str, body: str) -> None:
        self._host.run(command(title, body), timeout_s=_TIMEOUT_S)


def command(title: str, body: str) -> list[str]:
    """Return the command that shows a notice."""
    lines = [part for line in _SCRIPT for part in ("-e", line)]
    # The first argument ends the options, so that a title beginning with a dash is none.
    return ["osascript", *lines, "watchkeeper", plain(title), plain(body)]
