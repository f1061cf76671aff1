"""tmux: a window in the user's session where there is one, else a session of its own that can be attached to."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from . import start_file
from .port import Window, check, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.adapters.host import Host

    from .port import Opening

_TIMEOUT_S = 15.0
_MOST_SESSIONS = 100
_LISTED = "#{session_id} #{pid} #{session_name}"


class Tmux:
    """Available where tmux is installed; it needs no desktop."""

    name = "tmux"

    def __init__(self, host: Host) -> None:
        """Take the machine as the user's own session sees it: its environment tells of the tmux that they work in."""
        self._host = host

    def unavailable(self) -> str | None:
        if self._host.platform == "win32":
            return "this system has no tmux"
        return None if self._host.path_of("tmux") else "tmux is not on the search path"

    def open(self, opening: Opening) -> Window:
        check(opening)
        with start_file.written(opening) as run:
            return self._open(title_of(opening), run)

    def _open(self, name: str, run: Sequence[str]) -> Window:
        server, own = self._where()
        listed = self._tmux(*server, "list-sessions", "-F", _LISTED, accepted_codes=range(256))
        sessions = [line.split(" ", 2) for line in listed.split("\n")]
        if own in [each[:2] for each in sessions]:
            # Not in front: whoever types there must not type into it.
            made = self._tmux(*server, *window_words(f"{own[0]}:", name, run))
            return Window(made, shlex.join(["tmux", *server, "select-window", "-t", made.partition(" ")[0]]))
        session = free_name([each[-1] for each in sessions])
        made = self._tmux(*server, *session_words(session, name, run))
        return Window(made, shlex.join(["tmux", *server, "attach", "-t", f"={session}"]))

    def _where(self) -> tuple[list[str], list[str]]:
        """Return the options that name the user's tmux, and its session and process; nothing outside of tmux.

        The process tells whether it is still the same tmux: another one numbers its sessions alike.
        """
        found = re.fullmatch(r"(.+),(\d+),(\d+)", self._host.environ.get("TMUX", ""), re.DOTALL)
        return (["-S", found[1]], [f"${found[3]}", found[2]]) if found else ([], [])

    def _tmux(self, *arguments: str, accepted_codes: range = range(1)) -> str:
        environ = {name: value for name, value in self._host.environ.items() if name not in {"TMUX", "TMUX_PANE"}}
        command = ["tmux", *arguments]
        done = self._host.run(command, timeout_s=_TIMEOUT_S, whole_environment=environ, accepted_codes=accepted_codes)
        return done.stdout.strip()


def session_words(session: str, name: str, run: Sequence[str]) -> list[str]:
    """Return what makes a session with a window called `name`; it prints the window's id and its process."""
    return ["new-session", "-d", "-P", "-F", "#{window_id} #{pane_pid}", "-s", session, *_window(name, run)]


def window_words(session: str, name: str, run: Sequence[str]) -> list[str]:
    """Return what makes a window called `name` in `session`; it prints the window's id and its process."""
    return ["new-window", "-d", "-P", "-F", "#{window_id} #{pane_pid}", "-t", session, *_window(name, run)]


def free_name(names: list[str]) -> str:
    """Return the name of a session that is not among `names`."""
    wanted = ("watchkeeper", *(f"watchkeeper-{number}" for number in range(2, _MOST_SESSIONS)))
    return next(each for each in wanted if each not in names)


def _window(name: str, run: Sequence[str]) -> list[str]:
    # Given as several words, a command meets no shell; but tmux takes a semicolon at a word's end for its own.
    return ["-n", name, "--", *(re.sub(";$", r"\\;", word) for word in run)]
