"""Taking a booking back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.automation.outside import Outside
from tests.commands import bookings as stories
from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.scheduler.port import Job


@pytest.fixture
def here(scene: Scene, outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene whose project is this folder, with bookings that the operating system holds."""
    scene.project = str(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in (stories.ID, f"{stories.ID}-notice", "bb11cc22"):
        outside.scheduler.schedule(Job(name, scene.now + 60.0, ("/bin/true",), "/"), scene.now)
    return scene


def test_page(here: Scene) -> None:
    """What was cancelled, and that its handoff waits."""
    here.project = "/home/ada/my-project"
    numbers = iter(range(100))

    def draw(columns: int, colour: bool) -> str:
        booking_id = f"{next(numbers):08}"
        stories.book(here, booking_id)
        return here.run("cancel-next-session", booking_id, columns=columns, colour=colour).out

    assert_golden("cancel-next-session", draw)


def test_the_one_of_this_project(here: Scene, outside: Outside) -> None:
    """What other projects have booked stays, and nothing of ours is left in the operating system."""
    stories.not_ready(here)

    told = json.loads(here.run("cancel-next-session", "--json").out)

    assert [(stories.ID, "cancelled")] == [(each["id"], each["state"]) for each in told["cancelled"]]
    assert {"bb11cc22"} == outside.scheduler.jobs.keys()
    assert ["bb11cc22"] == [each["id"] for each in json.loads(here.run("automation", "--json").out)["bookings"]]


def test_all_of_them(here: Scene, outside: Outside) -> None:
    """--all takes those of every project."""
    stories.not_ready(here)

    assert 2 == len(json.loads(here.run("cancel-next-session", "--all", "--json").out)["cancelled"])
    assert {} == outside.scheduler.jobs


@pytest.mark.parametrize(
    ("story", "named", "sentence"),
    [
        ("none", (), "Nothing is booked: `watchkeeper automation book --at TIME` books a session."),
        ("over", ("0b0b0b0b",), "Booking 0b0b0b0b is missed already: there is nothing to cancel."),
        ("waiting", ("ffff",), "No booking is called 'ffff'; `watchkeeper automation-status` lists them."),
    ],
    ids=["none", "over", "unknown"],
)
def test_nothing_to_cancel(here: Scene, story: str, named: tuple[str, ...], sentence: str) -> None:
    """It is said what there is instead."""
    stories.STORIES[story](here)

    ran = here.run("cancel-next-session", *named)

    assert (1, "", f"watchkeeper: {sentence}\n") == ran


def test_only_elsewhere(here: Scene) -> None:
    """What another project has booked is not cancelled by accident."""
    stories.book(here, project="/home/ada/another-project")

    ran = here.run("cancel-next-session")

    assert 1 == ran.code
    assert "Nothing is booked in this project, but 1 elsewhere" in ran.err


def test_one_that_is_starting(here: Scene) -> None:
    """Its session is there in a moment; it is ended as any other."""
    stories.book(here, state="launching")
    with here.ledger as ledger:
        ledger.state.execute("UPDATE bookings SET changed_at = ?", (here.now,))

    assert "is starting right now: end its session instead" in here.run("cancel-next-session").err


def test_what_could_not_be_taken_out_is_not_said_to_be_gone(
    here: Scene, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page tells what the operating system really holds."""

    def refuse(_: str) -> bool:
        raise ProgramFailed(["atrm"], "it ended with code 1")

    stories.not_ready(here)
    monkeypatch.setattr(outside.scheduler, "cancel", refuse)

    ran = here.run("cancel-next-session")

    assert 0 == ran.code
    assert "nothing of it is left" not in ran.out
    assert "could not be taken out there" in ran.out
