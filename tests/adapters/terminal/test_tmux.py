"""tmux itself: what is opened runs there, exactly as given, and can be reached as is said."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.hostile import HOSTILE, NOT_UTF8
from tests.support.started import Recorder
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.terminal.port import Opening
from watchkeeper.adapters.terminal.tmux import Tmux

pytestmark = [
    pytest.mark.usefixtures("real_processes"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no tmux"),
]
WITHIN_S = 30.0
STAYS = ("/bin/sleep", "600")


@pytest.fixture
def environ(real_processes: User) -> Iterator[dict[str, str]]:
    """The environment of a user whose tmux is their own; its socket needs a short path."""
    if shutil.which("tmux") is None:
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail("tmux is not installed")
        pytest.skip("tmux is not installed")
    folder = tempfile.mkdtemp(prefix="wk-")
    environ = {**real_processes.environ, "TMUX_TMPDIR": folder}
    yield environ
    subprocess.run(["tmux", "kill-server"], env=environ, capture_output=True, check=False)
    shutil.rmtree(folder)


def ask(environ: dict[str, str], *words: str) -> str:
    return subprocess.run(["tmux", *words], env=environ, capture_output=True, check=True, text=True).stdout.strip()


def test_runs_exactly_what_was_given(environ: dict[str, str], tmp_path: Path) -> None:
    """Words, folder and variables arrive byte by byte; neither tmux's formats nor a shell's are run."""
    folder = tmp_path / "#(touch pwned) it's; $(touch pwned)"
    folder.mkdir()
    recorder = Recorder(folder, "note")
    given = {"HOSTILE": "".join(HOSTILE), "CLAUDECODE": None, "LAST": "a;"}
    opening = Opening(recorder.argv([*HOSTILE, NOT_UTF8, "b;"]), str(folder), "#(touch pwned);", given)

    Tmux(Host({**environ, "CLAUDECODE": "1"})).open(opening)

    (start,) = recorder.wait(WITHIN_S)
    assert [*HOSTILE, NOT_UTF8, "b;"] == start.words
    assert os.path.realpath(folder) == start.folder
    assert ("".join(HOSTILE), "a;") == (start.variables["HOSTILE"], start.variables["LAST"])
    assert "CLAUDECODE" not in start.variables
    assert "TMUX" in start.variables
    assert [] == list(tmp_path.rglob("pwned"))


def test_session_can_be_reached(environ: dict[str, str], tmp_path: Path) -> None:
    """Each session has a name of its own, a title, and the words with which a person gets to it."""
    opening = Opening(STAYS, str(tmp_path), "Watchkeeper: next")
    windows = [Tmux(Host(environ)).open(opening) for _ in range(2)]

    assert "watchkeeper\nwatchkeeper-2" == ask(environ, "list-sessions", "-F", "#{session_name}")
    for window in windows:
        tmux, attach, *target = shlex.split(window.reach)
        assert ("tmux", "attach") == (tmux, attach)
        shown = ask(environ, "display-message", "-p", *[f"{target[0]}", f"{target[1]}:"], "#{window_id} #{pane_pid}")
        assert window.identity == shown
        assert "Watchkeeper: next" == ask(environ, "display-message", "-p", "-t", window.identity.split()[0], "#W")


def test_window_in_the_users_session(environ: dict[str, str], tmp_path: Path) -> None:
    """Booked from inside tmux, a window opens in that session, and the one that the user sees stays in front."""
    ask(environ, "new-session", "-d", "-s", "work", "-n", "editor", *STAYS)
    inside = ask(environ, "display-message", "-p", "-t", "work", "#{socket_path},#{pid},#{s/^.//:session_id}")

    window = Tmux(Host({**environ, "TMUX": inside, "TMUX_PANE": "%0"})).open(Opening(STAYS, str(tmp_path), "next"))

    assert "editor 1\nnext 0" == ask(environ, "list-windows", "-t", "work", "-F", "#W #{window_active}")
    assert window.identity.split()[0] in window.reach
    subprocess.run(shlex.split(window.reach), env=environ, check=True)
    assert "next" == ask(environ, "display-message", "-p", "-t", "work", "#W")


@pytest.mark.parametrize("change", ["gone", "another server"])
def test_session_that_is_gone(environ: dict[str, str], tmp_path: Path, change: str) -> None:
    """Where the session of the booking is gone, or its number is another server's, a session of its own opens."""
    ask(environ, "new-session", "-d", "-s", "work", *STAYS)
    socket, pid, number = ask(
        environ, "display-message", "-p", "-t", "work", "#{socket_path},#{pid},#{s/^.//:session_id}"
    ).split(",")
    inside = f"{socket},{pid},99" if change == "gone" else f"{socket},1,{number}"

    Tmux(Host({**environ, "TMUX": inside})).open(Opening(STAYS, str(tmp_path)))

    assert {"work", "watchkeeper"} == set(ask(environ, "list-sessions", "-F", "#{session_name}").split("\n"))
    assert "1" == ask(environ, "display-message", "-p", "-t", "work", "#{session_windows}")


def test_takes_a_large_environment(environ: dict[str, str], tmp_path: Path) -> None:
    """tmux itself takes words of 16 KB in all, and what a user has set may be more."""
    recorder = Recorder(tmp_path, "note")
    given = {f"LARGE_{number}": "x" * 4_000 for number in range(10)}

    Tmux(Host(environ)).open(Opening(recorder.argv([]), str(tmp_path), environment=given))

    (start,) = recorder.wait(WITHIN_S)
    assert given == {name: value for name, value in start.variables.items() if name.startswith("LARGE_")}
