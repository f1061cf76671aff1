"""Booking a session, booking again, and taking it back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.automation.stage import HANDOFF, Stage
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.adapters.scheduler.none import NoScheduler
from watchkeeper.adapters.scheduler.port import Booked, Job
from watchkeeper.adapters.scheduler.recording import RecordingScheduler
from watchkeeper.automation import booking, jobs, plan
from watchkeeper.core import paths
from watchkeeper.errors import UserError


class Refusing(RecordingScheduler):
    """Takes nothing and gives nothing back."""

    name = "refusing"

    def schedule(self, job: Job, now: float) -> Booked | None:
        raise ProgramFailed(["at"], "it ended with code 1")

    def cancel(self, job_id: str) -> bool:
        raise ProgramFailed(["atrm"], "it ended with code 1")


def test_the_operating_system_holds_it(stage: Stage) -> None:
    """One job fires it at its time and one tells of it five minutes before; both name it and the directory alone."""
    booked = stage.book(at=stage.now + 3_600.0)

    held = stage.outside.scheduler.jobs
    main = os.path.join(paths.bundle_root(), "lib", "watchkeeper", "__main__.py")
    start = (sys.executable, "-I", "-X", "utf8", main, "automation")
    end = (booked.booking_id, jobs.BY_SCHEDULER, "--config-dir", str(stage.scene.user.config))
    assert {
        booked.booking_id: (stage.now + 3_600.0, (*start, "fire", *end)),
        f"{booked.booking_id}-notice": (stage.now + 3_300.0, (*start, "notice", *end)),
    } == {name: (job.at, job.argv) for name, job in held.items()}
    assert [{}, {}] == [job.environment for job in held.values()]


def test_the_handoff_waits_for_it_alone(stage: Stage) -> None:
    """Whoever opens a session meanwhile is not given it."""
    booked = stage.book(at=stage.now + 3_600.0)

    assert (booked.booking_id, stage.now + 3_600.0) == (stage.waiting().booking_id, stage.waiting().scheduled_for)


def test_booking_twice_replaces(stage: Stage) -> None:
    """One session of a project is booked at a time; what the first one held is taken out."""
    first = stage.book(at=stage.now + 3_600.0)

    second = stage.book(at=stage.now + 7_200.0)

    assert ("replaced", "booked") == tuple(stage.booking(each.booking_id).state for each in (first, second))
    assert {second.booking_id, f"{second.booking_id}-notice"} == stage.outside.scheduler.jobs.keys()
    assert second.booking_id == stage.waiting().booking_id


def test_a_handoff_that_is_replaced_waits_no_longer(stage: Stage) -> None:
    """The next session is given what was planned last, and nothing older after it."""
    stage.book(at=stage.now + 3_600.0)
    stage.write_handoff("handoff-newer")

    stage.book(at=stage.now + 3_600.0, handoff="handoff-newer")

    assert ("dropped", "pending") == (stage.waiting().state, stage.waiting("handoff-newer").state)


def test_two_projects_have_a_booking_each(stage: Stage) -> None:
    """Each project goes on by itself."""
    mine = stage.book(at=stage.now + 3_600.0)
    stage.project += "-2"

    other = stage.book(at=stage.now + 3_600.0, handoff="")

    assert ["booked", "booked"] == [stage.booking(each.booking_id).state for each in (mine, other)]


def test_what_a_scheduler_refuses_is_not_booked(stage: Stage) -> None:
    """The handoff waits as before, and the booking before stays."""
    before = stage.book(at=stage.now + 3_600.0)
    stage.outside.schedulers = (Refusing(), stage.outside.scheduler)

    with pytest.raises(UserError, match="refusing does not take the booking"):
        stage.book(at=stage.now + 7_200.0)

    assert "booked" == stage.booking(before.booking_id).state
    assert before.booking_id == stage.waiting().booking_id
    assert before.booking_id in stage.outside.scheduler.jobs


def test_where_no_scheduler_works_nothing_is_booked(stage: Stage) -> None:
    """Each one's reason is told."""
    stage.outside.schedulers = (NoScheduler(),)

    with pytest.raises(UserError, match="Nothing here can start a session by itself"):
        stage.book()


def test_who_starts_by_hand_books_nothing(stage: Stage) -> None:
    """A time is noted as ever, and nothing is complained of; only by name a scheduler is used all the same."""
    stage.scene.settings(automation={"scheduler": "none"})

    ran = stage.scene.run("handoffs", "schedule", "auth", "18:05")

    assert (0, "") == (ran.code, ran.err)
    assert ("", stage.now + 6 * 3_600 + 300) == (stage.waiting().booking_id, stage.waiting().scheduled_for)
    assert "while automation.scheduler is none" in stage.scene.run("automation", "book", "--at", "in 2h").err
    assert 0 == stage.scene.run("automation", "book", "--at", "in 2h", "--scheduler", "recording").code


def test_one_that_is_starting_is_not_replaced(stage: Stage) -> None:
    """There would be two sessions in the end."""
    booked = stage.book()
    stage.change(booked.booking_id, state="launching")

    with pytest.raises(UserError, match="is starting right now"):
        stage.book()


def test_a_handoff_that_waits_no_longer_is_not_booked(stage: Stage) -> None:
    """Nothing is left of the attempt."""
    with pytest.raises(UserError, match="does not wait for a session"):
        stage.book(handoff="handoff-gone")

    assert {} == stage.outside.scheduler.jobs
    with stage.scene.ledger as ledger:
        assert [] == ledger.state.execute("SELECT * FROM bookings").fetchall()


def test_cancelling_takes_it_out_of_the_operating_system(stage: Stage) -> None:
    """The handoff waits for anyone again."""
    booked = stage.book(at=stage.now + 3_600.0)
    app = stage.app()

    cancelled = booking.cancel(app, [booked], stage.outside.doors)

    assert [booked.booking_id] == [each.booking_id for each in cancelled]
    assert {} == stage.outside.scheduler.jobs
    assert ("pending", "") == (stage.waiting().state, stage.waiting().booking_id)
    assert [] == booking.cancel(app, [booked], stage.outside.doors)


def test_cancelling_what_a_scheduler_keeps_is_said(stage: Stage) -> None:
    """It is cancelled all the same: when its time comes it starts nothing."""
    booked = stage.book(at=stage.now + 3_600.0)._replace(scheduler="refusing")
    stage.outside.schedulers = (Refusing(),)
    app = stage.app()

    booking.cancel(app, [booked], stage.outside.doors)

    assert "cancelled" == stage.booking(booked.booking_id).state
    assert "when its time comes it starts nothing" in app.surroundings.stderr.getvalue()  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="is cancelled"):
        stage.fire(booked.booking_id)


def test_secrets_of_the_environment_are_not_kept(stage: Stage) -> None:
    """Their names are, so that the user can be told."""
    app = stage.app(GITHUB_TOKEN="ghp_" + "a1" * 18, EDITOR="vi")
    wish = booking.Wish(stage.now + 60.0, stage.project, plan.made(), HANDOFF)

    booked = booking.book(app, wish, stage.outside.doors)

    # What runs the tests puts random values of its own there.
    assert ["GITHUB_TOKEN"] == [name for name in booked.left_out_names if not name.startswith("PYTEST_")]
    assert ("vi", True) == (booked.variables["EDITOR"], "PATH" in booked.variables)
    assert b"a1a1a1" not in b"".join(path.read_bytes() for path in Path(app.ledger.folder).glob("state.db*"))


def test_two_that_book_at_once_leave_one(stage: Stage) -> None:
    """Whoever comes second replaces the first, which is told so and leaves no job behind."""
    second: list[str] = []

    class Slow(RecordingScheduler):
        """While the first is handed over, another process books."""

        def schedule(self, job: Job, now: float) -> Booked | None:
            if not second:
                second.append("")
                second[0] = stage.book(at=stage.now + 7_200.0).booking_id
            return super().schedule(job, now)

    stage.outside.scheduler = Slow()
    stage.outside.schedulers = (stage.outside.scheduler,)

    with pytest.raises(UserError, match="was replaced or cancelled while it was made"):
        stage.book(at=stage.now + 3_600.0)

    assert {second[0], f"{second[0]}-notice"} == stage.outside.scheduler.jobs.keys()
    assert second[0] == stage.waiting().booking_id


def test_one_that_is_checked_while_it_is_replaced_starts_nothing(stage: Stage) -> None:
    """Its time comes while the new one is handed to the scheduler: there would be two sessions in the end."""
    first = stage.book(at=stage.now + 3_600.0)

    class Meanwhile(RecordingScheduler):
        """The first one's time comes."""

        def schedule(self, job: Job, now: float) -> Booked | None:
            stage.change(first.booking_id, state="firing")
            return super().schedule(job, now)

    stage.outside.schedulers = (Meanwhile(),)

    stage.book(at=stage.now + 7_200.0)

    assert "replaced" == stage.booking(first.booking_id).state
