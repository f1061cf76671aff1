"""Doctor on what is installed: wiring, interpreters, client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.commands.scene import Scene, moderate
from watchkeeper.doctor import installed
from watchkeeper.doctor.finding import BROKEN, NOTE, OK, Finding
from watchkeeper.wiring import client
from watchkeeper.wiring.inspection import Wiring
from watchkeeper.wiring.programs import Completed


def says(text: str, code: int = 0) -> Callable[..., Completed]:
    def run(*_: object, **__: object) -> Completed:
        return Completed(code, text)

    return run


def about(topic: str, scene: Scene, run: Callable[..., Completed]) -> list[Finding]:
    return [each for each in installed.findings(scene.app(), run) if each.topic == topic]


@pytest.fixture
def with_client(scene: Scene, tmp_path: Any) -> Scene:
    """A user on whose path there is a program called claude."""
    program = tmp_path / "bin" / "claude"
    program.parent.mkdir()
    program.write_text("")
    program.chmod(0o755)
    scene.environ["PATH"] = str(program.parent)
    return scene


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("2.1.329 (Claude Code)", OK),
        (f"{client.spelled(client.OLDEST_SUPPORTED)} (Claude Code)", OK),
        ("2.0.9 (Claude Code)", BROKEN),
        ("1.0.0", BROKEN),
    ],
)
def test_client_version(with_client: Scene, version: str, state: str) -> None:
    """A client that is too old is broken, with what to do."""
    found = about("Claude Code", with_client, says(version))

    assert [state] == [each.state for each in found]
    assert version.split(maxsplit=1)[0] in found[0].text


def test_without_a_client_on_the_path(scene: Scene) -> None:
    """The version that the status line was last run by is told instead."""
    scene.environ["PATH"] = ""
    moderate(scene)

    found = about("Claude Code", scene, says(""))

    assert [NOTE] == [each.state for each in found]
    assert "last run by 2.1.329" in found[0].text


@pytest.mark.parametrize(
    ("wiring", "states"),
    [
        (Wiring("settings", ()), [OK]),
        (Wiring("plugin", ("A plugin cannot bring a status line.",)), [OK, NOTE]),
        (Wiring("both", ("The plugin is enabled as well.",)), [OK, NOTE]),
        (Wiring("none", ()), [BROKEN]),
        (Wiring("stale", ("Stop is wired 0 times.",)), [BROKEN, BROKEN]),
        (Wiring("unknown", ("settings.json is no JSON.",)), [BROKEN, BROKEN]),
    ],
)
def test_wiring(scene: Scene, monkeypatch: pytest.MonkeyPatch, wiring: Wiring, states: list[str]) -> None:
    """Which wiring is in force, whether two are, and what is wrong with it."""
    monkeypatch.setattr("watchkeeper.wiring.inspection.inspect", lambda *_: wiring)

    assert states == [each.state for each in about("Wiring", scene, says(""))]


def test_version_and_interpreters_are_told(scene: Scene) -> None:
    """What runs is named, so that a report can be understood elsewhere."""
    assert about("Version", scene, says(""))[0].text.startswith("Watchkeeper ")
    assert "Commands run on Python" in about("Interpreter", scene, says(""))[0].text
