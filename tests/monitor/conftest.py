"""A made-up user's ledger, a workspace in it, and a world outside of the monitor that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.scene import Scene
from tests.monitor.outside import World
from tests.monitor.watch import Watch
from tests.support.clock import NOON, SettableClock
from tests.support.environment import User
from watchkeeper.app import App
from watchkeeper.monitor import monitor_config
from watchkeeper.monitor.workspace import Workspace, workspace_of


@pytest.fixture
def scene(home: User) -> Scene:
    """An empty ledger."""
    return Scene(home)


@pytest.fixture
def app(scene: Scene) -> App:
    """What the monitor works with."""
    return scene.app()


@pytest.fixture
def where(app: App, scene: Scene) -> Workspace:
    """The workspace of the scene's project."""
    return workspace_of(scene.project, monitor_config.base_of(monitor_config.config_of(app.settings), app.paths))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """What is outside: one session that runs, windows, and a client that is on the search path."""
    program = tmp_path / "bin" / "claude"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    return World(str(program))


@pytest.fixture
def watch(scene: Scene, world: World, clock: SettableClock, tmp_path: Path) -> Iterator[Watch]:
    """A daemon that has not looked yet, and a session of a project."""
    project = tmp_path / "my-app"
    (project / ".git").mkdir(parents=True)
    clock.at = NOON
    scene.project = str(project)
    made = Watch(scene, world, clock, project)
    yield made
    made.daemon.app.ledger.close()
