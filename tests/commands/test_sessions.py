"""`sessions` lists what goes on and what went on, the latest first."""

from __future__ import annotations

import json

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, Scene, moderate


def several(scene: Scene) -> None:
    """One live session, an idle one with an agent, one that ended, and one from another machine."""
    moderate(scene)
    scene.session("1f0c5a77-idle", began_min=400, project="/home/ada/a-project-with-quite-a-long-name-of-its-own")
    scene.response(200, session_id="1f0c5a77-idle", tokens=(1_000, 4_000, 60_000, 50_000))
    scene.session(
        "2b9e1d20-done", began_min=900, project="/home/ada/漢字", ended_at=scene.now - 800 * 60, cost_usd=11.5
    )
    scene.response(810, session_id="2b9e1d20-done", tokens=(100, 400, 16_000, 0))
    scene.session("3cc0ffee-old", began_min=3_000, project="", cwd="C:\\work\\other")
    scene.response(2_990, session_id="3cc0ffee-old", cwd="C:\\work\\other", tokens=(1, 2, 3, 4))


def test_page(scene: Scene) -> None:
    """What a person sees of live and past sessions."""
    several(scene)

    assert_golden("sessions", lambda columns, colour: scene.run("sessions", columns=columns, colour=colour).out)


def test_page_without_any(scene: Scene) -> None:
    """A fresh installation says when sessions will show up."""
    assert_golden("sessions-none", lambda columns, colour: scene.run("sessions", columns=columns, colour=colour).out)


def test_json(scene: Scene) -> None:
    """Tokens, context and state of each session, the latest first."""
    several(scene)

    view = json.loads(scene.run("sessions", "--json").out)

    assert [SESSION, "1f0c5a77-idle", "2b9e1d20-done", "3cc0ffee-old"] == [each["id"] for each in view["sessions"]]
    assert ["live", "idle", "ended", "ended"] == [each["state"] for each in view["sessions"]]
    first = view["sessions"][0]
    assert (3, 146_000, "reported") == (first["messages"], first["total_tokens"], first["context"]["source"])
    assert "2026-11-20T11:58:00+00:00" == first["last_at"]


def test_a_resumed_session_is_live(scene: Scene) -> None:
    """An end that something came after is no end."""
    scene.session(ended_at=scene.now - 3_600)
    scene.response(1, tokens=(1, 2, 3, 4))

    assert "live" == json.loads(scene.run("sessions", "--json").out)["sessions"][0]["state"]


def test_limit(scene: Scene) -> None:
    """The list is cut and says how many more there are; --all shows them."""
    several(scene)

    assert "2 more: `watchkeeper sessions --all`" in scene.run("sessions", "--limit", "2").out
    assert "more" not in scene.run("sessions", "--all").out


@pytest.mark.parametrize("value", ["0", "-3", "many"])
def test_a_limit_that_is_none_is_refused(scene: Scene, value: str) -> None:
    """A wrong number is wrong usage."""
    ran = scene.run("sessions", "--limit", value)

    assert (2, "") == (ran.code, ran.out)
    assert "--limit" in ran.err
