"""Which terminal is used, and which comes after one that fails."""

from __future__ import annotations

import os

import pytest

from watchkeeper.adapters.host import Host
from watchkeeper.adapters.run import Finished, ProgramFailed
from watchkeeper.adapters.terminal import choose
from watchkeeper.adapters.terminal.default import DefaultTerminal
from watchkeeper.adapters.terminal.failing import FailingTerminal
from watchkeeper.adapters.terminal.kitty import Kitty
from watchkeeper.adapters.terminal.macos import TerminalApp
from watchkeeper.adapters.terminal.port import Opening, Terminal, Window
from watchkeeper.adapters.terminal.recording import RecordingTerminal
from watchkeeper.adapters.terminal.tmux import Tmux
from watchkeeper.adapters.terminal.windows_terminal import WindowsTerminal

ROOT = os.path.abspath(os.sep)
OPENING = Opening((os.path.join(ROOT, "claude"),), ROOT)


class Slow(RecordingTerminal):
    """A terminal that was not done in time."""

    name = "slow"

    def open(self, opening: Opening) -> Window:
        raise ProgramFailed(["slow"], "it was not done after 60 seconds and was ended", Finished(-1, "", ""))


class Refusing(RecordingTerminal):
    """A terminal that looks as if it worked."""

    name = "refusing"

    def open(self, opening: Opening) -> Window:
        raise ProgramFailed(["refusing"], "it ended with code 1", Finished(1, "", "cannot open display: :0\n"))


def found(program: str, search_path: str | None = None) -> str:
    return program


def missing(program: str, search_path: str | None = None) -> None:
    return None


@pytest.mark.parametrize(
    ("environ", "first"),
    [
        ({"TMUX": "/tmp/tmux-0/default,1,0", "KITTY_WINDOW_ID": "1"}, "tmux"),
        ({"KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"WEZTERM_PANE": "0"}, "wezterm"),
        ({"GNOME_TERMINAL_SCREEN": "/org/x"}, "gnome-terminal"),
        ({"ITERM_SESSION_ID": "w0t0p0"}, "iterm"),
        ({}, "windows-terminal"),
    ],
    ids=["tmux", "kitty", "WezTerm", "GNOME Terminal", "iTerm2", "unknown"],
)
def test_the_users_own_comes_first(environ: dict[str, str], first: str) -> None:
    """The terminal that the user works in is tried before all others, of two the inner one; tmux last of the rest."""
    names = [each.name for each in choose.candidates(environ)]

    assert first == names[0]
    assert first == "tmux" or names[-1] == "tmux"


@pytest.mark.parametrize(
    ("name", "used"),
    [("auto", "recording"), ("recording", "recording"), ("failing", "failing"), ("xterm", "failing")],
)
def test_choice(name: str, used: str) -> None:
    """Without a choice the first one that works is used; a choice is kept, and a wrong one says what there is."""
    among: list[Terminal] = [FailingTerminal("there is no desktop"), RecordingTerminal()]

    assert used == choose.choose(name, among).name


def test_nothing_available_says_every_reason() -> None:
    """Where no terminal works, each one's reason is told."""
    reason = choose.choose("auto", [FailingTerminal("no desktop"), FailingTerminal("not installed")]).unavailable()

    assert "no terminal works here: failing: no desktop; failing: not installed" == reason


def test_the_next_one_opens_where_one_refuses() -> None:
    """A desktop that is gone by night does not keep a session from starting elsewhere."""
    last = RecordingTerminal()

    used, window = choose.open_window("auto", [Refusing(), last], OPENING)

    assert last is used
    assert "recorded-1" == window.identity


def test_a_choice_is_not_replaced() -> None:
    """Whoever named a terminal gets that one or its reason."""
    with pytest.raises(ProgramFailed, match="code 1"):
        choose.open_window("refusing", [Refusing(), RecordingTerminal()], OPENING)


def test_no_second_window_after_a_slow_one() -> None:
    """A terminal that was not done in time may still open: no other is tried."""
    last = RecordingTerminal()

    with pytest.raises(ProgramFailed, match="not done"):
        choose.open_window("auto", [Slow(), last], OPENING)

    assert [] == last.openings


def test_every_failure_is_told() -> None:
    """Where all of them fail, what each one said is told."""
    with pytest.raises(ProgramFailed, match="refusing: cannot open display: :0"):
        choose.open_window("auto", [Refusing(), FailingTerminal("not installed")], OPENING)


@pytest.mark.parametrize(
    ("terminal", "reason"),
    [
        (Kitty(Host({"DISPLAY": ":0"}, "linux", find=missing)), "kitty is not on the search path"),
        (Kitty(Host({"DISPLAY": ""}, "linux", find=found)), "there is no desktop session here"),
        (Kitty(Host({"WAYLAND_DISPLAY": "wayland-0"}, "freebsd14", find=found)), None),
        (Kitty(Host({}, "darwin", find=found)), None),
        (Kitty(Host({}, "win32", find=found)), "it is not for this system"),
        (DefaultTerminal(Host({}, "darwin", find=found)), "it is not for this system"),
        (
            DefaultTerminal(Host({}, "linux", find=missing)),
            "xdg-terminal-exec or x-terminal-emulator is not on the search path",
        ),
        (Tmux(Host({}, "linux", find=missing)), "tmux is not on the search path"),
        (Tmux(Host({}, "win32", find=found)), "this system has no tmux"),
        (WindowsTerminal(Host({}, "linux", find=found)), "this is not Windows"),
        (WindowsTerminal(Host({}, "win32", find=missing)), "Windows Terminal is not installed"),
        (TerminalApp(Host({}, "linux")), "this is not macOS"),
        (TerminalApp(Host({}, "darwin", find=missing)), "osascript is not on the search path"),
        (
            TerminalApp(Host({}, "darwin", find=found), lambda _: False),
            "/System/Applications/Utilities/Terminal.app is not there",
        ),
    ],
    ids=range(14),
)
def test_each_says_what_it_lacks(terminal: Terminal, reason: str | None) -> None:
    """A terminal whose system, program or desktop is not there says so."""
    assert reason == terminal.unavailable()
