"""What a terminal is: a way to open a window, or something like one, in which a program talks to a person."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Opening(NamedTuple):
    """What is to run in a window of its own."""

    argv: tuple[str, ...]
    """The program's absolute path and its arguments: any text without a NUL."""
    folder: str
    """The absolute path of the folder it works in."""
    title: str = "Watchkeeper"
    """What the window is called where it has a title: one line."""
    environment: Mapping[str, str | None] = {}
    """Variables it gets beside those of the terminal; one that is None is taken away.

    Windows Terminal passes on what it was started with: there a variable may be missing.
    """


class Window(NamedTuple):
    """What was opened."""

    identity: str
    """What the terminal calls it, for finding it again; empty where it does not say."""
    reach: str
    """What a person types to see it; empty where it has opened before their eyes."""


class Terminal(Protocol):
    """Opens windows."""

    name: str
    """What the option `automation.terminal` calls it."""

    def unavailable(self) -> str | None:
        """Why it cannot open anything here, as the rest of a sentence; None if it can."""

    def open(self, opening: Opening) -> Window:
        """Start the program in a new window and return at once; raise ProgramFailed when that does not work."""


def check(opening: Opening) -> None:
    """Raise ValueError for what no terminal may be given."""
    if not opening.argv or not os.path.isabs(opening.argv[0]) or not os.path.isabs(opening.folder):
        raise ValueError("a window needs the absolute paths of its program and of its folder")
    if not all(map(_VARIABLE.fullmatch, opening.environment)):
        raise ValueError(f"no names for variables: {', '.join(opening.environment)}")
    if any("\0" in text for text in (*opening.argv, opening.folder, *filter(None, opening.environment.values()))):
        raise ValueError("a window's program is given no NUL")
