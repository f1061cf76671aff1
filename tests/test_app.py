"""What a command works with, from the environment, its options and the terminal."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import Scene
from tests.support.clock import NOON, SettableClock
from tests.support.environment import User
from watchkeeper.app import App, Surroundings, captured, told_columns
from watchkeeper.render.ink import Pen


def surroundings(home: User, **changes: Any) -> Surroundings:
    known = Surroundings(home.environ, NOON, io.StringIO(), io.StringIO(), io.StringIO(), 80, Pen(True), False)
    return known._replace(**changes)


@pytest.mark.parametrize(
    ("told", "columns"),
    [("100", 100), ("", 0), ("wide", 0), ("-3", 0), ("²", 0), ("9" * 9, 0)],
)
def test_columns_as_the_environment_tells_them(told: str, columns: int) -> None:
    """Only a sensible number is a width."""
    assert columns == told_columns({"COLUMNS": told})


@pytest.mark.parametrize(("columns", "used"), [(10, 40), (80, 80), (300, 120)])
def test_pages_are_neither_too_narrow_nor_too_wide(home: User, columns: int, used: int) -> None:
    """Below 40 columns nothing can be laid out, above 120 nothing can be read."""
    assert used == App(surroundings(home, columns=columns)).columns


@pytest.mark.parametrize("told", ["NO_COLOR", "TERM"])
def test_a_process_without_a_terminal_has_no_colour(
    home: User, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    """A script's pipe is no terminal; 80 columns are assumed there."""
    monkeypatch.setenv(told, "dumb")

    around = Surroundings.of_this_process()

    assert (False, 80, False) == (around.pen.colour, around.columns, around.is_interactive)


def test_no_color_is_for_this_command(home: User) -> None:
    """The option takes the colour away, whatever the terminal can do."""
    assert not App(surroundings(home), no_color=True).pen.colour


def test_answers_inside_claude_code_are_kept(home: User) -> None:
    """What a command prints there goes into the answer, and nobody can be asked."""
    inside, out, err = captured(surroundings(home, is_interactive=True))
    App(inside).say("shown")
    App(inside).complain("said")

    assert ("shown\n", "watchkeeper: said\n", False) == (out.getvalue(), err.getvalue(), inside.is_interactive)


@pytest.mark.parametrize(
    ("answer", "agreed"), [("yes\n", True), ("Y\n", True), ("no\n", False), ("\n", False), ("", False)]
)
def test_only_yes_is_yes(home: User, answer: str, agreed: bool) -> None:
    """Anything else, and silence, is a no."""
    app = App(surroundings(home, stdin=io.StringIO(answer), is_interactive=True))

    assert agreed == app.confirm("Really?")


def test_a_ledger_that_was_set_aside_is_told(home: User) -> None:
    """Whoever looks at figures learns that earlier ones are kept elsewhere."""
    scene = Scene(home)
    scene.session()
    path = os.path.join(scene.paths.state, "usage.db")
    Path(path).write_bytes(b"no database at all" * 100)

    ran = scene.run("sessions")

    assert 0 == ran.code
    assert "is damaged" in ran.err


def test_a_folder_that_is_gone_is_no_folder(home: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command can be called where there is nothing any more."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert ("", "") == (App(surroundings(home)).folder, App(surroundings(home)).project)
    assert 0 == Scene(home).run("session-status").code


def test_a_remark_comes_with_the_answer(home: User) -> None:
    """Once, behind it; a command that fails instead has one sentence to say."""
    around = surroundings(home)
    app = App(around)
    app.remark("figures may be low")
    app.remark("figures may be low")

    assert isinstance(around.stderr, io.StringIO)
    assert "" == around.stderr.getvalue()
    app.say("shown")
    app.say("shown again")
    assert "watchkeeper: figures may be low\n" == around.stderr.getvalue()
