"""What a terminal is: a way to open a window, or something like one, in which a program talks to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from watchkeeper.adapters import program

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    program.check("a window", opening.argv, opening.environment, opening.folder)


def title_of(opening: Opening) -> str:
    """Return the window's title without anything that a terminal could take for more, at most 60 characters."""
    return program.plain_line(opening.title)[:60] or "Watchkeeper"
