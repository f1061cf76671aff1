"""`status-line` does what the installed status line does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.commands.scene import SESSION, Scene
from tests.support.environment import User
from watchkeeper.core import state

FIELDS: dict[str, Any] = {
    "session_id": SESSION,
    "cwd": "/home/ada/my-project",
    "model": {"id": "claude-sonnet-4-5", "display_name": "Claude Sonnet 4.5"},
    "version": "2.1.329",
    "context_window": {
        "context_window_size": 200_000,
        "total_input_tokens": 67_000,
        "current_usage": {"input_tokens": 1},
    },
}


def told(scene: Scene, **fields: Any) -> str:
    limits = {"five_hour": {"used_percentage": 42.3, "resets_at": scene.now + 9_900}}
    return json.dumps({**FIELDS, "rate_limits": limits, **fields})


def test_the_line_is_shown_and_the_limits_are_stored(scene: Scene) -> None:
    """One call prints the line and records what the client told."""
    ran = scene.run("status-line", stdin=told(scene))

    assert (0, "") == (ran.code, ran.err)
    assert "42%" in ran.out
    assert 1 == ran.out.count("\n")
    with scene.ledger as ledger:
        snapshot = state.snapshot_of(ledger.state, SESSION)
    assert snapshot is not None
    assert 67_000 == snapshot.context_tokens


@pytest.mark.parametrize(("words", "colours"), [((), True), (("--no-color",), False)])
def test_colours_can_be_left_out(scene: Scene, words: tuple[str, ...], colours: bool) -> None:
    """The client shows colours, so they are there unless they are not wanted."""
    assert colours == ("\x1b" in scene.run("status-line", *words, stdin=told(scene)).out)


@pytest.mark.parametrize("data", ["", "no JSON", "[]", '{"session_id": 3}', "\x00\xff"])
def test_nonsense_shows_nothing(scene: Scene, data: str) -> None:
    """A status line never shows an error, whatever it is given."""
    ran = scene.run("status-line", stdin=data)

    assert (0, "") == (ran.code, ran.err)
    assert "rror" not in ran.out


def test_another_status_line_goes_on_beside_it(scene: Scene, real_processes: User) -> None:
    """The user's own line comes first, with the same input."""
    scene.settings(status_line={"passthrough": "cat | wc -c"})
    data = told(scene)

    first, ours = scene.run("status-line", stdin=data).out.splitlines()

    assert str(len(data)) == first.strip()
    assert "42%" in ours


def test_json(scene: Scene) -> None:
    """The line as JSON, for another program to show."""
    view = json.loads(scene.run("status-line", "--json", stdin=told(scene)).out)

    assert "42%" in view["line"]
