"""What a service is: a program that the system starts when the user logs in, and again when it has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from watchkeeper.adapters import program as programs
from watchkeeper.adapters.directory_mark import mark_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Program(NamedTuple):
    """What is to run."""

    argv: tuple[str, ...]
    """The program's absolute path and its arguments: any text without a NUL."""
    label: str = "Watchkeeper"
    """What a person is shown who looks into the system: one line."""
    environment: Mapping[str, str] = {}
    """Variables beside those that the system gives."""


class Service(Protocol):
    """Keeps one program running; there is one for each configuration directory."""

    name: str

    def unavailable(self) -> str | None:
        """Why it keeps nothing running here, as the rest of a sentence; None if it does."""

    def install(self, program: Program) -> None:
        """Have the program run from now on, in place of an earlier one; raise ProgramFailed, or UnfitProgram."""

    def remove(self) -> bool:
        """End it and forget it; return whether there was one. Raise ProgramFailed when that does not work."""

    def is_installed(self) -> bool:
        """Return whether the system knows of it."""


def check(program: Program) -> None:
    """Raise ValueError for what no system may be given."""
    programs.check("a service", program.argv, program.environment)


def name_of(config: str) -> str:
    """Return what the service of a configuration directory is called: letters, digits and dashes."""
    return f"watchkeeper-monitor-{mark_of(config)}"
