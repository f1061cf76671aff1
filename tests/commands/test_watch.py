"""`watch` lives in a second terminal, and writes lines where there is none."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.commands.scene import Scene, moderate
from tests.support.clock import SettableClock
from tests.support.environment import User
from tests.support.guards import ROOT
from watchkeeper.live import keys

PROGRAM = os.path.join(ROOT, "lib", "watchkeeper", "__main__.py")


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the first wait."""

    def wait(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(keys.Keys, "wait", wait)


@pytest.mark.usefixtures("interrupted")
def test_without_a_terminal_there_is_one_line_per_change(scene: Scene, clock: SettableClock) -> None:
    """Piped into a file the first look is one line; Ctrl-C is a normal end."""
    moderate(scene)

    ran = scene.run("watch")

    assert (0, 1, "") == (ran.code, ran.out.count("\n"), ran.err)
    assert ran.out.startswith("2026-11-20T12:00:00+00:00 good, 5h 42% reported")


@pytest.mark.usefixtures("interrupted")
def test_json_lines(scene: Scene, clock: SettableClock) -> None:
    """With --json each change is one object on one line."""
    moderate(scene)

    out = scene.run("watch", "--json").out

    assert 1 == out.count("\n")
    assert 42.3 == json.loads(out)["quota"]["used_pct"]


def test_a_wrong_interval_is_refused(scene: Scene) -> None:
    """An interval that would never rest is wrong usage."""
    ran = scene.run("watch", "--interval", "0")

    assert (2, "") == (ran.code, ran.out)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("key", ["q", "ctrl-c"])
def test_on_a_real_terminal(scene: Scene, real_processes: User, real_clock: None, key: str) -> None:
    """It takes a screen of its own in 80 by 24, ends with q or Ctrl-C, and gives the terminal back as it was."""
    from tests.realclient.terminal import Terminal

    moderate(scene)
    command = [sys.executable, "-I", "-X", "utf8", PROGRAM, "watch"]

    with Terminal(command, dict(scene.environ), scene.user.home, 80, 24) as terminal:
        terminal.wait_for("Open sessions")
        page = terminal.rows
        terminal.press(key)
        terminal.wait_raw(b"\x1b[?1049l")
        raw = terminal.raw

    assert "q quits" in " ".join(page)
    assert all(len(row) <= 80 for row in page)
    assert b"\x1b[?1049h" in raw
    # The cursor is back too.
    assert raw.rfind(b"\x1b[?25h") > raw.rfind(b"\x1b[?25l")
