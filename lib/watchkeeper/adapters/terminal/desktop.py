"""Terminals with windows of their own on a desktop: kitty, WezTerm, GNOME Terminal and the system's default one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from watchkeeper.adapters import run as programs
from watchkeeper.adapters import start as windows

from .port import Window, check
from .words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .port import Opening


class Emulator:
    """A terminal emulator for X or Wayland; what each one's command line looks like is told by its own class."""

    name: str
    called: tuple[str, ...]
    """What it is called on the search path; the first that is found is used."""
    systems: tuple[str, ...] = ("linux", "freebsd", "openbsd")

    def __init__(
        self,
        environ: Mapping[str, str],
        start: Callable[[list[str], Mapping[str, str]], int] = windows.start,
        find: Callable[[str, str | None], str | None] = programs.find,
        platform: str = sys.platform,
    ) -> None:
        """Take the environment of the user's own session, which tells of the desktop."""
        self._environ = environ
        self._start = start
        self._find = find
        self._platform = platform

    def unavailable(self) -> str | None:
        if not self._platform.startswith(self.systems):
            return "it is not for this system"
        if self._program() is None:
            return f"{' or '.join(self.called)} is not on the search path"
        if self._platform != "darwin" and not (self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY")):
            return "there is no desktop session here"
        return None

    def open(self, opening: Opening) -> Window:
        check(opening)
        program = self._program()
        if program is None:
            raise programs.ProgramFailed(self.called, "it is not installed")
        self._start([program, *self.options(program, opening), *words(opening)], self._environ)
        return Window("", "")

    def options(self, program: str, opening: Opening) -> list[str]:
        """Return what stands between the program and the words to run."""
        raise NotImplementedError

    def _program(self) -> str | None:
        found = (self._find(each, self._environ.get("PATH")) for each in self.called)
        return next((each for each in found if each is not None), None)
