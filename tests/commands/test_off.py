"""`off` switches Watchkeeper off, everywhere or in this project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from watchkeeper.core import state


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project, with the process somewhere inside it."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "src").mkdir()
    monkeypatch.chdir(tmp_path / "repo" / "src")
    return str((tmp_path / "repo").resolve())


def test_page(scene: Scene) -> None:
    """What a person is told."""
    assert_golden("off", lambda columns, colour: scene.run("off", columns=columns, colour=colour).out)


def test_off_is_for_everything_everywhere(scene: Scene) -> None:
    """Nothing is recorded or said in any project until `on`."""
    view = json.loads(scene.run("off", "--json").out)["watching"]

    assert ("off", None) == (view["state"], view["until_at"])
    with scene.ledger as ledger:
        assert state.is_muted(ledger.state, "/any", "everything", scene.now + 1e9)


def test_off_in_this_project_leaves_others_alone(scene: Scene, repository: str) -> None:
    """With --project only the project around the current folder is off."""
    scene.run("off", "--project")

    with scene.ledger as ledger:
        muted = [state.is_muted(ledger.state, place, "everything", scene.now) for place in (repository, "/other")]
    assert [True, False] == muted
