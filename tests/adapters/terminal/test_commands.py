"""The commands that open a window, word by word, on every system; what they run, executed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.hostile import FOLDER, HOSTILE, NOT_UTF8
from tests.support.started import Recorder
from watchkeeper.adapters.terminal import macos, start_file, tmux, windows_terminal
from watchkeeper.adapters.terminal.default import DefaultTerminal
from watchkeeper.adapters.terminal.gnome_terminal import GnomeTerminal
from watchkeeper.adapters.terminal.kitty import Kitty
from watchkeeper.adapters.terminal.port import Opening
from watchkeeper.adapters.terminal.wezterm import WezTerm
from watchkeeper.adapters.terminal.words import title, words

OPENING = Opening(
    ("/opt/claude", "--agent=it's", "--", "Begin; now;"),
    "/home/ada/a b; $(id)",
    "Watchkeeper: #(touch pwned)\x1b]0;x\x07",
    {"WATCHKEEPER_HANDOFF": "7", "CLAUDECODE": None},
)
RUN = [
    "/usr/bin/env",
    "-u",
    "CLAUDECODE",
    "WATCHKEEPER_HANDOFF=7",
    "/bin/sh",
    "-c",
    'cd -- "$1" && shift && exec "$@"',
    "watchkeeper",
    "/home/ada/a b; $(id)",
    "/opt/claude",
    "--agent=it's",
    "--",
    "Begin; now;",
]
TITLE = "Watchkeeper: touch pwned 0 x"


def test_words() -> None:
    """What a window runs is a fixed beginning, then folder and program as words of their own."""
    assert RUN == words(OPENING)


def test_title_is_harmless() -> None:
    """A title has no format of tmux's, no control character and an end."""
    assert TITLE == title(OPENING)
    assert "Watchkeeper" == title(OPENING._replace(title="\n#{}"))
    assert 60 == len(title(OPENING._replace(title="x" * 100)))


@pytest.mark.parametrize(
    ("emulator", "program", "expected"),
    [
        (Kitty, "kitty", [f"--title={TITLE}"]),
        (WezTerm, "wezterm", ["start", "--"]),
        (GnomeTerminal, "gnome-terminal", [f"--title={TITLE}", "--"]),
        (DefaultTerminal, "/usr/bin/x-terminal-emulator", ["-e"]),
        (DefaultTerminal, "/usr/bin/xdg-terminal-exec", []),
    ],
    ids=["kitty", "WezTerm", "GNOME Terminal", "x-terminal-emulator", "xdg-terminal-exec"],
)
def test_emulators(emulator: type[Kitty], program: str, expected: list[str]) -> None:
    """Each emulator's own words stand between it and what it runs."""
    commands: list[list[str]] = []

    def start(argv: list[str], environment: object) -> int:
        commands.append(argv)
        return 1

    name = program.rpartition("/")[2]
    emulator({"DISPLAY": ":0"}, start, lambda each, _: program if each == name else None, "linux").open(OPENING)

    assert [[program, *expected, *RUN]] == commands


def test_tmux() -> None:
    """tmux makes a session or a window that stays in the background; a semicolon at a word's end is no separator."""
    run = [*RUN[:-1], "Begin; now\\;"]

    assert [
        "new-session", "-d", "-P", "-F", "#{window_id} #{pane_pid}", "-s", "watchkeeper", "-n", TITLE, "--", *run
    ] == tmux.session_words("watchkeeper", TITLE, RUN)  # fmt: skip
    assert [
        "new-window", "-d", "-P", "-F", "#{window_id} #{pane_pid}", "-t", "$3:", "-n", TITLE, "--", *run
    ] == tmux.window_words("$3:", TITLE, RUN)  # fmt: skip


def test_tmux_finds_a_free_name() -> None:
    """A session's name is not one that is taken."""
    assert "watchkeeper" == tmux.free_name([])
    assert "watchkeeper-3" == tmux.free_name(["", "watchkeeper", "watchkeeper-2", "work"])


def test_terminal_app() -> None:
    """Terminal.app is told to type one line, which is an argument of the script and never part of it."""
    expected = [
        "osascript",
        "-e",
        "on run argv",
        "-e",
        'tell application "Terminal" to do script (item 2 of argv)',
        "-e",
        "end run",
        "watchkeeper",
        "exec /bin/sh /tmp/watchkeeper-ab12/start",
    ]

    assert expected == macos.command(macos.TerminalApp.script, "/tmp/watchkeeper-ab12/start")


def test_iterm() -> None:
    """iTerm2 is told to do the same in a window of its own."""
    expected = [
        "osascript",
        "-e",
        "on run argv",
        "-e",
        'tell application "iTerm"',
        "-e",
        "set opened to (create window with default profile)",
        "-e",
        "tell current session of opened to write text (item 2 of argv)",
        "-e",
        "end tell",
        "-e",
        "end run",
        "watchkeeper",
        "exec /bin/sh /tmp/watchkeeper-ab12/start",
    ]

    assert expected == macos.command(macos.ITerm.script, "/tmp/watchkeeper-ab12/start")


def test_windows_terminal() -> None:
    """Windows Terminal opens a window; a semicolon in a word is kept from opening another tab."""
    expected = [
        "wt.exe", "--window", "-1", "new-tab", "--title", TITLE, "--startingDirectory", "/home/ada/a b\\; $(id)",
        "/opt/claude", "--agent=it's", "--", "Begin\\; now\\;",
    ]  # fmt: skip

    assert expected == windows_terminal.command(OPENING)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither env nor sh")
@pytest.mark.parametrize("way", ["words", "script"])
def test_what_a_window_runs(real_processes: User, tmp_path: Path, way: str) -> None:
    """The program has its words, folder and variables byte by byte, and nothing in them was run."""
    folder = tmp_path / f"a=b {FOLDER}"
    folder.mkdir()
    recorder = Recorder(folder, "note")
    opening = Opening(
        recorder.argv([*HOSTILE, NOT_UTF8]), str(folder), environment={"A": "".join(HOSTILE), "TERM": None, "HOME": ""}
    )
    script = tmp_path / "own" / "start"
    script.parent.mkdir()
    script.write_bytes(start_file.script(opening))

    subprocess.run(words(opening) if way == "words" else ["/bin/sh", script], check=True, env={**os.environ, "A": "b"})

    (start,) = recorder.starts()
    assert [*HOSTILE, NOT_UTF8] == start.words
    assert os.path.realpath(folder) == start.folder
    assert ("".join(HOSTILE), "") == (start.variables["A"], start.variables["HOME"])
    assert "TERM" not in start.variables
    assert {"note", "record.py"} == {path.name for path in folder.iterdir()}
    # The script leaves nothing of itself.
    assert (way == "words") == script.parent.exists()
