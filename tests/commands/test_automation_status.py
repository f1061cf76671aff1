"""What is shown of the sessions that start by themselves."""

from __future__ import annotations

import json
import sys

import pytest

from tests.automation.outside import Outside
from tests.commands import bookings as stories
from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from watchkeeper.adapters.scheduler.port import Job


@pytest.fixture
def here(scene: Scene, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene on Linux whose bookings the operating system holds."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in (stories.ID, "bb11cc22"):
        outside.scheduler.schedule(Job(name, scene.now + 60.0, ("/bin/true",), "/"), scene.now)
    return scene


@pytest.mark.parametrize("name", stories.STORIES)
def test_page(here: Scene, name: str) -> None:
    """Launch time and countdown, agent, handoff, who holds it, the last check, and how to cancel."""
    stories.STORIES[name](here)

    assert_golden(
        f"automation-status-{name}",
        lambda columns, colour: here.run("automation-status", "--all", columns=columns, colour=colour).out,
    )


def test_json(here: Scene) -> None:
    """Programs are told the same."""
    stories.not_ready(here)

    told = json.loads(here.run("automation-status", "--json").out)

    first, second = told["bookings"]
    assert ("2026-11-20T12:12:00+00:00", 720.0, "booked", 2, True) == tuple(
        first[name] for name in ("at", "in_s", "state", "tries", "held")
    )
    assert ["yes", "no", "unknown"] == [each["state"] for each in first["preflight"]]
    assert (True, True, 2.5, ["ANTHROPIC_API_KEY", "GITHUB_TOKEN"]) == tuple(
        second[name] for name in ("headless", "bypasses", "budget_usd", "left_out")
    )


def test_session_status_shows_it(here: Scene) -> None:
    """Who looks at the session sees what comes after it."""
    stories.waiting(here)

    page = here.run("session-status").out
    told = json.loads(here.run("session-status", "--json").out)["automation"]

    assert "Launch time   13:18  in 1h 18m" in page
    assert "waiting for the quota's reset" in page
    assert ("booked", "implementation-agent", "2026-11-20T13:18:00+00:00") == (told["state"], told["agent"], told["at"])
    assert json.loads(here.run("session-status", "--json").out)["automation"]["more"] == 0


def test_no_booking_is_null(here: Scene) -> None:
    """Nothing is booked, and nothing is shown of it."""
    assert json.loads(here.run("session-status", "--json").out)["automation"] is None
    assert "Automation" not in here.run("session-status").out


def test_the_command_alone_shows_the_same(here: Scene) -> None:
    """`watchkeeper automation` is how one looks it up."""
    stories.waiting(here)

    assert here.run("automation-status").out == here.run("automation").out
