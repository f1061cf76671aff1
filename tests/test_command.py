"""Commands name their own options alone; those that all take reach the App."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Annotated

import pytest
import typer

from tests.commands.scene import Scene
from tests.support.environment import User
from watchkeeper import cli, command

app = command.CommandApp()


@app.callback()
def group(ctx: typer.Context) -> None:
    """Say how it was asked."""
    _tell(ctx, "group")


@app.command()
def one(
    ctx: typer.Context, words: Annotated[list[str] | None, typer.Option("--word", help="What to say.")] = None
) -> None:
    """Say words."""
    _tell(ctx, *(words or []))


def _tell(ctx: typer.Context, *words: str) -> None:
    run = command.open_app(ctx)
    run.say(f"{' '.join(words)} {run.as_json} {run.no_color} {run.paths.config}")


@pytest.fixture
def run(home: User, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the made-up command and return what it says, `~` for the configuration directory of the user."""

    class Module:
        app = app

    monkeypatch.setattr(cli, "_load", lambda _: Module)
    scene = Scene(home)

    def called(*options: str) -> str:
        ran = scene.run("usage", *options)
        assert (0, "") == (ran.code, ran.err)
        return ran.out.strip().replace(str(home.config), "~")

    return called


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param([], "group False False ~", id="alone"),
        pytest.param(["--json"], "group True False ~", id="a group's option"),
        pytest.param(["one", "--json", "--word", "a", "--word", "b"], "a b True False ~", id="beside its own"),
        pytest.param(["one", "--no-color", "--config-dir", "/c"], "False True /c", id="all"),
        pytest.param(["--json", "one"], "True False ~", id="before a sub-command"),
        pytest.param(["--config-dir", "/g", "one"], "False False /g", id="a directory before a sub-command"),
        pytest.param(["--config-dir", "/g", "one", "--config-dir", "/c"], "False False /c", id="the nearest counts"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths of another system")
def test_options_that_every_command_takes(run: Callable[..., str], options: list[str], said: str) -> None:
    """They are heeded wherever they stand behind the command that they are given to."""
    assert said == run(*options)


def test_the_help_names_them_last(run: Callable[..., str]) -> None:
    """A command's own options come first."""
    shown = run("one", "--help")

    places = [shown.index(option) for option in ("--word", "--json", "--no-color", "--config-dir")]
    assert places == sorted(places)


def test_a_function_stays_what_it_is() -> None:
    """Another command can call it as it is written."""
    assert ["ctx", "words"] == list(one.__annotations__)[:2]
    assert "Say words." == one.__doc__
