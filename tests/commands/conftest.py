"""The made-up user's ledger for tests of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.automation.outside import Outside
from tests.commands.scene import SESSION, Scene
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.automation import doors


@pytest.fixture
def scene(home: User) -> Scene:
    """An empty ledger, and the commands to run on it."""
    return Scene(home)


@pytest.fixture
def in_project(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Commands are called in the folder of a project that is there."""
    project = tmp_path / "my-project"
    project.mkdir()
    monkeypatch.chdir(project)
    scene.project = str(project)
    return scene


@pytest.fixture
def here(in_project: Scene) -> Scene:
    """A person calls them there, in a terminal."""
    in_project.environ.pop("CLAUDE_CODE_SESSION_ID")
    return in_project


@pytest.fixture
def claude(here: Scene) -> Scene:
    """A session of Claude Code calls them there, which has used 10,000 tokens."""
    here.session(began_min=30)
    here.response(20, tokens=(10_000, 0, 0, 5_000))
    here.environ["CLAUDE_CODE_SESSION_ID"] = SESSION
    return here


@pytest.fixture
def plan_pro(scene: Scene) -> None:
    """The user has told that the plan is pro."""
    scene.settings(quota={"plan": "pro"})


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """What bookings reach outside: a scheduler that only remembers, and a client that nobody starts."""
    made = Outside(NOON)
    monkeypatch.setattr(doors, "real", lambda _: made.doors)
    return made
