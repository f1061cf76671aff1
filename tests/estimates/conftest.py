"""A made-up user with a project, a plan in it and a ledger, for tests of what is done with plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.scene import Scene
from tests.estimates.planned_work import PlannedWork
from tests.support.environment import User


@pytest.fixture
def work(home: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlannedWork:
    """A session in a project with a plan; nothing has happened yet."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    scene = Scene(home)
    scene.project = str(project)
    return PlannedWork(scene, project)
