"""`doctor` says what works, what does not and why, and its exit code says whether something is broken."""

from __future__ import annotations

import json

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene, moderate
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

VIEW = {
    "now_at": 1_795_176_000.0,
    "broken": 1,
    "notes": 2,
    "findings": [
        {"topic": "Version", "state": "ok", "text": "Watchkeeper 0.1.0 from /home/ada/.claude/watchkeeper/app."},
        {"topic": "Wiring", "state": "ok", "text": "Hooks and status line are wired in settings.json."},
        {"topic": "Wiring", "state": "note", "text": "The plugin watchkeeper@somewhere is enabled as well: harmless."},
        {
            "topic": "Settings",
            "state": "broken",
            "text": "config.toml, line 2: quota.plan must be one of 'free' or 'pro'.",
        },
        {"topic": "Transcripts", "state": "note", "text": "3 lines could not be read: /home/ada/\x1b[31m/a.jsonl (3)."},
    ],
}


@pytest.fixture
def calm(scene: Scene) -> Scene:
    """A user on whose path there is no client to ask."""
    scene.environ["PATH"] = ""
    return scene


def test_page() -> None:
    """What a person sees of good news, notes and broken things."""
    assert_golden("doctor", lambda columns, colour: engine.render("doctor", VIEW, Pen(colour), columns, 0.0))


def test_page_when_all_is_well() -> None:
    """Nothing broken is said in one line."""
    view = {**VIEW, "findings": VIEW["findings"][:2], "broken": 0, "notes": 0}  # type: ignore[index]

    assert_golden("doctor-well", lambda columns, colour: engine.render("doctor", view, Pen(colour), columns, 0.0))


def test_nothing_wired_is_broken(calm: Scene) -> None:
    """Before the installation doctor says so and ends with 1."""
    moderate(calm)

    ran = calm.run("doctor")

    assert (1, "") == (ran.code, ran.err)
    assert "broken: Nothing is wired" in ran.out
    assert "1 thing is broken." in ran.out


def test_json(calm: Scene) -> None:
    """Scripts learn each finding with its state."""
    moderate(calm)

    ran = calm.run("doctor", "--json")

    view = json.loads(ran.out)
    assert (1, 1) == (ran.code, view["broken"])
    assert {"topic", "state", "text"} == set(view["findings"][0])
    assert view["notes"] == sum(each["state"] == "note" for each in view["findings"])
