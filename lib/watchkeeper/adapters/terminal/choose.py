"""Which terminal is used: the one that the settings name, else the one the user works in, else the first that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.host import Host
from watchkeeper.adapters.run import ProgramFailed

from .default import DefaultTerminal
from .failing import FailingTerminal
from .gnome_terminal import GnomeTerminal
from .kitty import Kitty
from .macos import ITerm, TerminalApp
from .tmux import Tmux
from .wezterm import WezTerm
from .windows_terminal import WindowsTerminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .port import Opening, Terminal, Window

# What a terminal leaves in the environment of what runs in it; the innermost first.
_TRACES = {
    "TMUX": Tmux.name,
    "KITTY_WINDOW_ID": Kitty.name,
    "WEZTERM_PANE": WezTerm.name,
    "GNOME_TERMINAL_SCREEN": GnomeTerminal.name,
    "ITERM_SESSION_ID": ITerm.name,
}


def candidates(environ: Mapping[str, str]) -> tuple[Terminal, ...]:
    """Return every terminal there is, in the order in which they are tried: first the one that the user works in.

    `environ` is that of the user's own session (as it was when they booked): a scheduler's knows no desktop.
    """
    host = Host(environ)
    every: tuple[Terminal, ...] = (
        WindowsTerminal(host),
        TerminalApp(host),
        ITerm(host),
        DefaultTerminal(host),
        GnomeTerminal(host),
        Kitty(host),
        WezTerm(host),
        Tmux(host),
    )
    own = next((name for trace, name in _TRACES.items() if environ.get(trace)), None)
    return tuple(sorted(every, key=lambda each: each.name != own))


def choose(name: str, among: Sequence[Terminal]) -> Terminal:
    """Return the terminal called `name`, whether it works or not; for `auto` the first that works."""
    if name == "auto":
        working = next((each for each in among if each.unavailable() is None), None)
        return working or FailingTerminal("no terminal works here: " + reasons(among))
    known = {each.name: each for each in among}
    return known.get(name) or FailingTerminal(f"there is no terminal called {name}; there are {', '.join(known)}")


def open_window(name: str, among: Sequence[Terminal], opening: Opening) -> tuple[Terminal, Window]:
    """Open a window in the chosen terminal; for `auto` in the next one where the first ones turn out not to work.

    Raise ProgramFailed with every reason. After one that was not done in time none is tried: it may still open.
    """
    left = list(among)
    failed: list[str] = []
    while True:
        terminal = choose(name, left)
        reason = terminal.unavailable()
        if reason is not None:
            raise ProgramFailed([terminal.name], "; ".join([*failed, reason]))
        try:
            return terminal, terminal.open(opening)
        except ProgramFailed as error:
            if name != "auto" or (error.finished is not None and error.finished.code == -1):
                raise
            failed.append(f"{terminal.name}: {error.words}")
            left.remove(terminal)


def reasons(among: Sequence[Terminal]) -> str:
    """Return why none of them works, in one line."""
    return "; ".join(f"{each.name}: {each.unavailable()}" for each in among)
