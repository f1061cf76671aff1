"""`update` does what install.py does, from the installed bundle or a checkout."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.scene import Scene
from tests.support.environment import User
from tests.support.guards import ROOT


def test_a_dry_run_tells_each_step_and_does_none(scene: Scene, real_processes: User) -> None:
    """What would happen is told, and the folder stays empty."""
    before = sorted(Path(scene.paths.config).iterdir())

    ran = scene.run("update", "--dry-run", "--from", ROOT, "--json", environ={"PATH": "/usr/bin:/bin"})

    assert (0, "") == (ran.code, ran.err)
    assert any(step.startswith("Would write") for step in json.loads(ran.out)["steps"])
    assert before == sorted(Path(scene.paths.config).iterdir())


def test_a_folder_without_a_bundle_is_refused(scene: Scene, tmp_path: Path) -> None:
    """A wrong folder says what is wanted."""
    ran = scene.run("update", "--from", str(tmp_path))

    assert (1, "") == (ran.code, ran.out)
    assert "name the folder of a checkout with --from" in ran.err
