"""A made-up user with a project, a handoff that waits, limits that have reset, and a world outside that remembers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.automation.outside import Outside
from tests.automation.stage import Stage
from tests.commands.scene import Scene
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.automation import doors


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """What lies outside, for commands too."""
    made = Outside(NOON)
    monkeypatch.setattr(doors, "real", lambda _: made.doors)
    return made


@pytest.fixture
def stage(home: User, outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Everything is ready for a booked session, five minutes after the reset."""
    project = tmp_path / "my-app"
    (project / ".git").mkdir(parents=True)
    program = home.home / "bin" / "claude"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    trusted = {"projects": {str(project): {"hasTrustDialogAccepted": True}}}
    (home.config / ".claude.json").write_text(json.dumps(trusted), encoding="utf-8")
    (home.config / "sessions").mkdir()
    monkeypatch.chdir(project)
    scene = Scene(home._replace(environ={**home.environ, "PATH": str(program.parent)}))
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")
    scene.project = str(project)
    made = Stage(scene, outside, str(program))
    made.write_handoff()
    return made
