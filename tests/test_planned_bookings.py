"""What is scheduled in the queue starts by itself where that is possible, and is taken back with its session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.automation.outside import Outside
from tests.commands.scene import Scene
from tests.handoff.samples import AUTH
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.automation import bookings, doors
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import folder, pending
from watchkeeper.handoff.saving import save

AFTER_RESET = "2026-11-20T14:50:00+00:00"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """A scheduler that only remembers."""
    made = Outside(NOON)
    monkeypatch.setattr(doors, "real", lambda _: made.doors)
    return made


@pytest.fixture
def here(home: User, outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A session that does not fit what is left."""
    project = tmp_path / "my-project"
    project.mkdir()
    monkeypatch.chdir(project)
    scene = Scene(home)
    scene.project = str(project)
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")
    scene.settings(quota={"plan": "pro"})
    scene.report(91.0, 165.0)
    scene.run("queue", "add", "--name", "API", "--objective", "Build it", "--tokens", "65k", "--agent", "builder")
    return scene


def told(scene: Scene, *argv: str) -> dict[str, Any]:
    ran = scene.run(*argv, "--json")
    assert 0 == ran.code, ran.err
    view: dict[str, Any] = json.loads(ran.out)
    return view


def booked(scene: Scene) -> list[bookings.Booking]:
    with scene.ledger as ledger:
        return bookings.in_states(ledger.state, bookings.WAITING)


def waiting(scene: Scene, handoff: str) -> pending.Waiting | None:
    with scene.ledger as ledger:
        return pending.find(ledger.state, handoff)


def test_a_scheduled_session_starts_by_itself(here: Scene, outside: Outside) -> None:
    """Its objectives become the handoff of the session that is booked, and nobody else is given it."""
    view = told(here, "start-next-session", "--yes")

    assert ("scheduled", AFTER_RESET) == (view["outcome"], view["booking"]["at"])
    (booking,) = booked(here)
    assert booking.booking_id in outside.scheduler.jobs
    session = told(here, "queue", "show", "api")["session"]
    assert (True, booking.handoff_id, AFTER_RESET) == (session["starts_itself"], session["handoff"], session["at"])
    assert "builder" in booking.plan
    held = waiting(here, booking.handoff_id)
    assert held is not None
    assert (pending.PENDING, booking.booking_id) == (held.state, held.booking_id)
    assert "by itself" in here.run("queue", "show", "api").out


def test_its_session_runs_it(here: Scene) -> None:
    """Once the booked session was given the handoff the queue says that it runs there."""
    told(here, "start-next-session", "--yes")
    (booking,) = booked(here)
    with here.ledger as ledger, Transaction(ledger.state) as db:
        pending.claim(db, booking.handoff_id, "launched", NOON + 60)

    session = told(here, "queue")["sessions"][0]

    assert ("running", ["launched"]) == (session["state"], session["progress"]["session_ids"])


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("queue", "cancel", "api"), id="cancelled"),
        pytest.param(("queue", "done", "api"), id="done"),
        pytest.param(("queue", "edit", "api", "--at", "none"), id="without a time"),
        pytest.param(("start-next-session", "--choose", "api", "--now", "--yes"), id="started by hand"),
    ],
)
def test_a_booking_is_taken_back(here: Scene, outside: Outside, options: tuple[str, ...]) -> None:
    """What no longer starts by itself is not held by the operating system, and waits only if it was started."""
    told(here, "start-next-session", "--yes")
    (booking,) = booked(here)

    told(here, *options)

    assert ([], {}) == (booked(here), dict(outside.scheduler.jobs))
    held = waiting(here, booking.handoff_id)
    assert held is not None
    assert (pending.PENDING if "--now" in options else pending.DROPPED) == held.state


def test_another_time_is_another_booking(here: Scene) -> None:
    """A session that starts by itself does so at its new time."""
    told(here, "start-next-session", "--yes")

    told(here, "queue", "edit", "api", "--at", "18:00")

    (booking,) = booked(here)
    assert NOON + 6 * 3_600 == booking.at


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--agent", "tester"), id="agent"),
        pytest.param(("--tokens", "70k"), id="tokens"),
        pytest.param(("--handoff", "none"), id="handoff"),
        pytest.param(("--project", "../other"), id="project"),
    ],
)
def test_what_is_booked_follows_a_change(
    here: Scene, outside: Outside, options: tuple[str, ...], tmp_path: Path
) -> None:
    """The booking is that of the session as it is now: one, with its handoff, at its time."""
    (tmp_path / "other").mkdir()
    told(here, "start-next-session", "--yes")

    told(here, "queue", "edit", "api", *options)

    (booking,) = booked(here)
    assert {booking.booking_id} == {each.removesuffix("-notice") for each in outside.scheduler.jobs}
    session = told(here, "queue", "show", "api")["session"]
    assert (True, booking.handoff_id) == (session["starts_itself"], session["handoff"])
    plan = json.loads(booking.plan)
    assert (session["project"], session["agent"], session["estimated_tokens"]) == (
        booking.project,
        plan["agent"],
        plan["estimated_tokens"],
    )


def test_what_a_killed_process_left_is_settled_first(here: Scene, outside: Outside) -> None:
    """A booking of the project that was cut off while it was checked is no reason not to book."""
    told(here, "automation", "book", "--at", "in 3h", "--yes")
    (left,) = booked(here)
    with here.ledger as ledger, Transaction(ledger.state) as db:
        bookings.note(db, left.booking_id, state=bookings.FIRING, fired_by="999999 1.0")

    told(here, "start-next-session", "--yes")

    (booking,) = booked(here)
    assert booking.booking_id != left.booking_id
    assert booking.booking_id in outside.scheduler.jobs


def test_what_waits_for_whoever_comes_goes_on_waiting(here: Scene) -> None:
    """A handoff that waits in the project is for the next session there, not for the one that was booked."""
    with here.ledger as ledger:
        other = save(AUTH.model_copy(update={"project": here.project}), folder.folder_of(here.paths), ledger)
        with Transaction(ledger.state) as db:
            pending.mark(db, other.handoff.id, here.project, "s", other.path, "manual", None, NOON - 60)
    before = waiting(here, other.handoff.id)

    told(here, "start-next-session", "--yes")

    assert before == waiting(here, other.handoff.id)
    assert 1 == len(booked(here))


def test_without_a_scheduler_it_is_noted(here: Scene, outside: Outside) -> None:
    """Where nothing can start a session it stays scheduled, says so, and is given to nobody before its time."""
    outside.schedulers = outside.schedulers[1:]

    ran = here.run("start-next-session", "--yes", "--json")

    view = json.loads(ran.out)
    assert (0, "scheduled", None) == (ran.code, view["outcome"], view["booking"])
    assert "api is noted, and does not start by itself: Nothing here can start a session by itself" in ran.err
    session = told(here, "queue", "show", "api")["session"]
    assert ("scheduled", False) == (session["state"], session["starts_itself"])
    held = waiting(here, session["handoff"])
    assert held is not None
    assert pending.DROPPED == held.state


def test_who_starts_sessions_by_hand_is_told_nothing_of_it(here: Scene) -> None:
    """With the scheduler none a session is scheduled and no more: no booking, no handoff, no complaint."""
    here.settings(quota={"plan": "pro"}, automation={"scheduler": "none"})

    ran = here.run("start-next-session", "--yes", "--json")

    view = json.loads(ran.out)
    assert (0, "", "scheduled", None, None) == (
        ran.code,
        ran.err,
        view["outcome"],
        view["booking"],
        view["session"]["handoff"],
    )


def test_a_handoff_that_is_gone_is_told(here: Scene) -> None:
    """What cannot be given to a session is not booked, and the session stays scheduled."""
    with here.ledger as ledger:
        saved = save(AUTH.model_copy(update={"project": here.project}), folder.folder_of(here.paths), ledger)
    here.run("queue", "edit", "api", "--handoff", saved.handoff.id)
    Path(saved.path).unlink()

    ran = here.run("start-next-session", "--yes")

    assert "No handoff is called" in ran.err
    assert (0, [], "scheduled") == (ran.code, booked(here), told(here, "queue")["sessions"][0]["state"])


def test_one_booking_in_a_project(here: Scene) -> None:
    """A second session does not take the place of the one that is booked: it is noted, and that is said."""
    here.run("queue", "add", "--name", "Other", "--tokens", "70k", "--priority", "low")
    told(here, "start-next-session", "--choose", "api", "--yes")
    (booking,) = booked(here)

    ran = here.run("start-next-session", "--choose", "other", "--yes")

    assert "other is noted, and does not start by itself: another session is booked in" in ran.err
    assert [booking.booking_id] == [each.booking_id for each in booked(here)]
    assert "noted, run /start-next-session then" in " ".join(ran.out.split())
