"""What a window runs, as an argument list that is safe in every terminal: fixed words, then text that stays data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .port import Opening

# The folder is $1. Not left to the terminal: tmux reads formats in it, and others know no option for it.
_SCRIPT = 'cd -- "$1" && shift && exec "$@"'


def words(opening: Opening) -> list[str]:
    """Return the command for Linux, the BSDs and macOS; its first word is a program's absolute path."""
    variables = opening.environment
    gone = [word for name, value in variables.items() if value is None for word in ("-u", name)]
    given = [f"{name}={value}" for name, value in variables.items() if value is not None]
    # The shell stands between, because env would take a program with "=" in its path for a variable.
    return ["/usr/bin/env", *gone, *given, "/bin/sh", "-c", _SCRIPT, "watchkeeper", opening.folder, *opening.argv]


def title(opening: Opening) -> str:
    """Return the window's title without anything that a terminal could take for more, at most 60 characters."""
    shown = "".join(each if each.isalnum() or each in " .,:-" else " " for each in opening.title)
    return " ".join(shown.split())[:60] or "Watchkeeper"
