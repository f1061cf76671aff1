"""What a service is: a program that the system starts when the user logs in, and again when it has failed."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


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
        """Have the program run from now on, in place of an earlier one; raise ProgramFailed, or Unservable."""

    def remove(self) -> bool:
        """End it and forget it; return whether there was one. Raise ProgramFailed when that does not work."""

    def is_installed(self) -> bool:
        """Return whether the system knows of it."""


class Unservable(Exception):
    """The system cannot keep such a program running; the text says why, as the rest of a sentence."""


def check(program: Program) -> None:
    """Raise ValueError for what no system may be given."""
    if not program.argv or not os.path.isabs(program.argv[0]):
        raise ValueError("a service needs the absolute path of its program")
    if not all(map(_VARIABLE.fullmatch, program.environment)):
        raise ValueError(f"no names for variables: {', '.join(program.environment)}")
    if any("\0" in text for text in (*program.argv, *program.environment.values())):
        raise ValueError("a service holds no NUL")


def name_of(config: str) -> str:
    """Return what the service of a configuration directory is called: letters, digits and dashes."""
    mark = hashlib.sha256(os.fsencode(os.path.abspath(config))).hexdigest()[:8]
    return f"watchkeeper-monitor-{mark}"
