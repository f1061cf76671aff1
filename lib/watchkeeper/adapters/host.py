"""Where an adapter works: which system it is, whose environment counts, and how programs are found, run and started."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from . import run as programs
from .start import start as start_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CALLED = {"darwin": "macOS", "linux": "Linux", "win32": "Windows"}


class Host(NamedTuple):
    """The machine as its user sees it; tests give others, so that every adapter is tried on every system."""

    environ: Mapping[str, str]
    """The environment of the user's own session: that of a scheduler knows no desktop."""
    platform: str = sys.platform
    """The system as Python names it."""
    run: Callable[..., programs.Finished] = programs.run
    """Runs a program to its end; see adapters/run.py."""
    start: Callable[[list[str], Mapping[str, str]], int] = start_apart
    """Starts a program that stays, with this environment; see adapters/start.py."""
    find: Callable[[str, str | None], str | None] = programs.find
    """Returns a program's path on this search path (None: that of this process), or None."""

    def path_of(self, program: str) -> str | None:
        """Return the path of a program that the user's search path leads to, or None."""
        return self.find(program, self.environ.get("PATH"))

    def lacks(self, platform: str, program: str, missing: str) -> str | None:
        """Return why this is not `platform` with `program` on its search path (then it is `missing`); None if it is."""
        if self.platform != platform:
            return f"this is not {_CALLED[platform]}"
        return None if self.path_of(program) else missing

    def has_desktop(self) -> bool:
        """Return whether windows of X or Wayland can be opened."""
        return bool(self.environ.get("DISPLAY") or self.environ.get("WAYLAND_DISPLAY"))

    def below_home(self, *names: str) -> str:
        """Return a path below the user's home, below the root where the environment names none."""
        return os.path.join(self.environ.get("HOME") or os.sep, *names)
