"""The commands that open a window, word by word, on every system; what they run, executed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.golden import assert_golden_text
from tests.support.hostile import FOLDER, HOSTILE, NOT_UTF8
from tests.support.started import Recorder, Start
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.terminal import macos, start_file, tmux, windows_terminal
from watchkeeper.adapters.terminal.default import DefaultTerminal
from watchkeeper.adapters.terminal.desktop import Emulator
from watchkeeper.adapters.terminal.gnome_terminal import GnomeTerminal
from watchkeeper.adapters.terminal.kitty import Kitty
from watchkeeper.adapters.terminal.port import Opening, title_of
from watchkeeper.adapters.terminal.wezterm import WezTerm

OPENING = Opening(
    ("/opt/claude", "--agent=it's", "--", "Begin; now;"),
    "/home/ada/a b; $(id)",
    "Watchkeeper: #(touch pwned)\x1b]0;x\x07",
    {"WATCHKEEPER_HANDOFF": "7", "CLAUDECODE": None},
)
RUN = ["/bin/sh", "/tmp/watchkeeper-ab12/start"]
TITLE = "Watchkeeper: touch pwned 0 x"


def test_title_is_harmless() -> None:
    """A title has no format of tmux's, no control character and an end."""
    assert TITLE == title_of(OPENING)
    assert "Watchkeeper" == title_of(OPENING._replace(title="\n#{}"))
    assert 60 == len(title_of(OPENING._replace(title="x" * 100)))


@pytest.mark.skipif(sys.platform == "win32", reason="its script stands in a folder that Windows has not")
@pytest.mark.parametrize(
    ("emulator", "program", "expected"),
    [
        (Kitty, "/opt/{0}/kitty", [f"--title={TITLE}"]),
        (WezTerm, "wezterm", ["start", "--"]),
        (GnomeTerminal, "gnome-terminal", [f"--title={TITLE}", "--"]),
        (DefaultTerminal, "/usr/bin/x-terminal-emulator", ["-e"]),
        (DefaultTerminal, "/usr/bin/xdg-terminal-exec", []),
    ],
    ids=["kitty", "WezTerm", "GNOME Terminal", "x-terminal-emulator", "xdg-terminal-exec"],
)
def test_emulators(
    emulator: type[Emulator], program: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each emulator's own words stand between it and the script that it runs."""
    monkeypatch.setattr(start_file, "FOLDER", str(tmp_path))
    commands: list[list[str]] = []

    def start(argv: list[str], environment: object) -> int:
        commands.append(argv)
        return 1

    name = program.rpartition("/")[2]
    host = Host({"DISPLAY": ":0"}, "linux", start=start, find=lambda each, _: program if each == name else None)
    emulator(host).open(OPENING)

    (folder,) = tmp_path.iterdir()
    assert [[program, *expected, "/bin/sh", str(folder / "start")]] == commands


def test_tmux() -> None:
    """tmux makes a session or a window that stays in the background; a semicolon at a word's end is no separator."""
    given, run = [*RUN, "a; b;"], [*RUN, "a; b\\;"]

    assert [
        "new-session", "-d", "-P", "-F", "#{window_id} #{pane_pid}", "-s", "watchkeeper", "-n", TITLE, "--", *run
    ] == tmux.session_words("watchkeeper", TITLE, given)  # fmt: skip
    assert [
        "new-window", "-d", "-P", "-F", "#{window_id} #{pane_pid}", "-t", "$3:", "-n", TITLE, "--", *run
    ] == tmux.window_words("$3:", TITLE, given)  # fmt: skip


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

    assert expected == macos.command(macos.TerminalApp.script, RUN)


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

    assert expected == macos.command(macos.ITerm.script, RUN)


def test_windows_terminal() -> None:
    """Windows Terminal opens a window; a semicolon in a word is kept from opening another tab."""
    expected = [
        "wt.exe", "--window", "-1", "new-tab", "--title", TITLE, "--startingDirectory", "/home/ada/a b\\; $(id)",
        "/opt/claude", "--agent=it's", "--", "Begin\\; now\\;",
    ]  # fmt: skip

    assert expected == windows_terminal.command(OPENING)


def test_script() -> None:
    """What a window runs is a script that goes first of all, then sets variables and folder, and is the program."""
    assert_golden_text("terminal-start.sh", start_file.script(OPENING).decode())


def started(opening: Opening, recorder: Recorder, place: Path, shell: str, **variables: str) -> Start:
    """What the program of `opening` had when its script was run by a shell."""
    script = place / "own" / "start"
    script.parent.mkdir()
    script.write_bytes(start_file.script(opening))
    subprocess.run([*shell.split(), script], check=True, env={**os.environ, **variables})
    # It leaves nothing of itself.
    assert not script.parent.exists()
    (start,) = recorder.starts()
    return start


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sh")
def test_what_a_window_runs(real_processes: User, tmp_path: Path) -> None:
    """The program has its words, folder and variables byte by byte, and nothing in them was run."""
    folder = tmp_path / f"a=b {FOLDER}"
    folder.mkdir()
    recorder = Recorder(folder, "note")
    variables = {"A": "".join(HOSTILE), "TERM": None, "HOME": "", "IFS": "/", "PATH": ""}
    opening = Opening(recorder.argv([*HOSTILE, NOT_UTF8]), str(folder), environment=variables)

    start = started(opening, recorder, tmp_path, "/bin/sh", A="b")

    assert [*HOSTILE, NOT_UTF8] == start.words
    assert os.path.realpath(folder) == start.folder
    assert ("".join(HOSTILE), "", "/", "") == tuple(start.variables[name] for name in ("A", "HOME", "IFS", "PATH"))
    assert "TERM" not in start.variables
    assert {"note", "record.py"} == {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("value", ["501", "", None], ids=["set", "empty", "taken away"])
@pytest.mark.parametrize("shell", ["bash --posix", "dash", "/bin/sh"])
def test_variables_that_a_shell_keeps(real_processes: User, tmp_path: Path, value: str | None, shell: str) -> None:
    """Whichever shell `sh` is, bash as on macOS or dash, what it lets nobody set keeps no program from starting."""
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"{shell} is not installed")
    recorder = Recorder(tmp_path, "note")
    kept = dict.fromkeys(("BASHOPTS", "BASH_VERSINFO", "EUID", "OPTIND", "PPID", "SHELLOPTS", "UID"), value)
    opening = Opening(recorder.argv(["x"]), str(tmp_path), environment={**kept, "LAST": "set"})

    start = started(opening, recorder, tmp_path, shell)

    assert (["x"], "set") == (start.words, start.variables["LAST"])


@pytest.mark.skipif(sys.platform != "linux", reason="the default terminal is Linux's")
def test_a_window_from_start_to_end(real_processes: User, tmp_path: Path) -> None:
    """The program runs with its variables, which were among the words of no process on the way there."""
    seen = tmp_path / "seen"
    terminal = tmp_path / "x-terminal-emulator"
    terminal.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{seen}"\nshift\nexec "$@"\n', encoding="utf-8")
    terminal.chmod(0o700)
    recorder = Recorder(tmp_path, "note")
    opening = Opening(recorder.argv(HOSTILE), str(tmp_path), environment={"TOKEN": "a private value"})
    environ = {**real_processes.environ, "PATH": f"{tmp_path}:/bin", "DISPLAY": ":0"}

    DefaultTerminal(Host(environ)).open(opening)

    (start,) = recorder.wait(30.0)
    assert (list(HOSTILE), "a private value") == (start.words, start.variables["TOKEN"])
    option, shell, script = seen.read_text(encoding="utf-8").splitlines()
    assert ("-e", "/bin/sh") == (option, shell)
    assert not Path(script).parent.exists()
