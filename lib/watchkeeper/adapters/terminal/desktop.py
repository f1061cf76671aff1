"""Terminals with windows of their own on a desktop: kitty, WezTerm, GNOME Terminal and the system's default one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.run import ProgramFailed

from . import start_file
from .port import Window, check, title_of

if TYPE_CHECKING:
    from watchkeeper.adapters.host import Host

    from .port import Opening


class Emulator:
    """A terminal emulator for X or Wayland; what each one's command line looks like is told by its own class."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """Programs, each with the words between it and what it runs; the first that is on the search path is used.

    `{title}` stands for the window's title.
    """
    systems: tuple[str, ...] = ("linux", "freebsd", "openbsd")

    def __init__(self, host: Host) -> None:
        """Take the machine as the user's own session sees it."""
        self._host = host

    def unavailable(self) -> str | None:
        if not self._host.platform.startswith(self.systems):
            return "it is not for this system"
        if self._command() is None:
            return f"{self._programs()} is not on the search path"
        if self._host.platform != "darwin" and not self._host.has_desktop():
            return "there is no desktop session here"
        return None

    def open(self, opening: Opening) -> Window:
        check(opening)
        command = self._command(title_of(opening))
        if command is None:
            raise ProgramFailed([self.name], f"{self._programs()} is not on the search path")
        with start_file.written(opening) as run:
            self._host.start([*command, *run], self._host.environ)
        return Window("", "")

    def _command(self, title: str = "") -> list[str] | None:
        for program, *words in self.commands:
            path = self._host.path_of(program)
            if path is not None:
                return [path, *(word.format(title=title) for word in words)]
        return None

    def _programs(self) -> str:
        return " or ".join(program for program, *_ in self.commands)
