"""`snooze` mutes alerts for a while."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from watchkeeper.app import App
from watchkeeper.core import state


def test_page(scene: Scene) -> None:
    """What a person is told."""
    assert_golden("snoozed", lambda columns, colour: scene.run("snooze", "2h", columns=columns, colour=colour).out)


def test_alerts_are_muted_and_counting_goes_on(scene: Scene) -> None:
    """Only alerts are muted, everywhere, until then."""
    scene.run("snooze", "90m")

    with scene.ledger as ledger:
        muted = [state.is_muted(ledger.state, "/any", what, scene.now) for what in ("alerts", "everything")]
        later = state.is_muted(ledger.state, "/any", "alerts", scene.now + 90 * 60)
    assert ([True, False], False) == (muted, later)


def test_one_project_can_be_snoozed(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --project alerts go on elsewhere; `on` in that project ends it."""
    monkeypatch.chdir(tmp_path)
    here = scene.project = scene.app().project
    scene.session()

    out = scene.run("snooze", "90m", "--project").out

    assert "Alerts are snoozed in this project until 13:30 (1h 30m)" in out
    with scene.ledger as ledger:
        assert [True, False] == [
            state.is_muted(ledger.state, place, "alerts", scene.now) for place in (here, "/elsewhere")
        ]
    assert "snoozed in this project until 13:30" in scene.run("session-status").out
    assert "Watchkeeper is on" in scene.run("on").out


def test_the_longer_of_two_is_told(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snoozed everywhere and here, it is said until when and where it stays quiet last."""
    monkeypatch.chdir(tmp_path)
    scene.run("snooze", "1h")

    assert "snoozed in this project until 14:00" in scene.run("snooze", "2h", "--project").out
    assert "snoozed until 15:00" in scene.run("snooze", "3h").out


def test_a_folder_that_is_gone_has_no_project(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is muted where the project cannot be told."""
    monkeypatch.setattr(App, "folder", "")

    ran = scene.run("snooze", "2h", "--project")

    assert (1, "") == (ran.code, ran.out)
    assert "change into the project" in ran.err


def test_json_says_until_when(scene: Scene) -> None:
    """Scripts learn the state and its end."""
    view = json.loads(scene.run("snooze", "1h30m", "--json").out)

    assert ("snoozed", "2026-11-20T13:30:00+00:00") == (view["watching"]["state"], view["watching"]["until_at"])


@pytest.mark.parametrize("words", [(), ("soon",), ("2h", "more"), ("-5m",)])
def test_wrong_usage(scene: Scene, words: tuple[str, ...]) -> None:
    """Without a duration, or with none that makes sense, nothing is muted."""
    ran = scene.run("snooze", *words)

    assert (2, "") == (ran.code, ran.out)
    assert 1 == ran.err.count("\n")
