"""`on` ends what `snooze` and `off` began."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene


def watching(scene: Scene) -> str:
    return str(json.loads(scene.run("on", "--json").out)["watching"]["state"])


@pytest.mark.parametrize("before", [("snooze", "2h"), ("off",), ("off", "--project")])
def test_on_ends_what_is_muted_here(scene: Scene, before: tuple[str, ...]) -> None:
    """A snooze, `off` and `off --project` of this project are over."""
    scene.run(*before)

    assert "on" == watching(scene)


def test_another_project_stays_off_and_is_named(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was switched off in another project for good stays, and is told."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "one")
    scene.run("off", "--project")
    monkeypatch.chdir(tmp_path / "two")

    out = scene.run("on").out

    assert "Watchkeeper is on in" in out
    assert f"- {tmp_path.resolve() / 'one'}: everything muted" in " ".join(out.split())


def test_the_settings_may_say_otherwise(scene: Scene) -> None:
    """What the settings or the environment switch off, `on` cannot switch on, and says what can."""
    scene.settings(watch={"enabled": False})
    by_settings = scene.run("on").out
    scene.settings()
    by_environment = scene.run("on", environ={"WATCHKEEPER_OFF": "1"}).out

    assert "config set watch.enabled true" in " ".join(by_settings.split())
    assert "WATCHKEEPER_OFF=1 is set" in by_environment


def test_page(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person is told."""
    monkeypatch.chdir("/")

    assert_golden("on", lambda columns, colour: scene.run("on", columns=columns, colour=colour).out)
