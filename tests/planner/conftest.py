"""The made-up user's ledger, in a project that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.scene import Scene
from tests.support.environment import User


@pytest.fixture
def scene(home: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """An empty ledger, commands called in the folder of a project, and no session of Claude Code that calls."""
    project = tmp_path / "my-project"
    project.mkdir()
    monkeypatch.chdir(project)
    made = Scene(home)
    made.project = str(project)
    made.environ.pop("CLAUDE_CODE_SESSION_ID")
    return made
