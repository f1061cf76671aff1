"""Bookings whose process ended in the middle, and those that the operating system has lost."""

from __future__ import annotations

import os

import pytest

from tests.automation.stage import HANDOFF, Stage
from watchkeeper.adapters.scheduler.failing import FailingScheduler
from watchkeeper.adapters.scheduler.port import Job
from watchkeeper.automation import recovery
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import pending


def settle(stage: Stage, after_s: float = 600.0) -> None:
    app = stage.app(stage.now + after_s)
    with app.ledger:
        recovery.settle(app, stage.outside.doors)


def test_a_booking_that_is_held_is_left_alone(stage: Stage) -> None:
    """Looking changes nothing."""
    booked = stage.book(at=stage.now + 3_600.0)

    settle(stage)

    assert booked.booking_id in stage.outside.scheduler.jobs
    assert "booked" == stage.booking(booked.booking_id).state


def test_a_booking_that_the_system_has_lost_is_told_of(stage: Stage) -> None:
    """Somebody took the job out, or it did not survive a restart: nothing would start, so nothing pretends to."""
    booked = stage.book(at=stage.now + 3_600.0)
    stage.outside.scheduler.jobs.clear()

    settle(stage)

    after = stage.booking(booked.booking_id)
    assert ("missed", "recording no longer holds it") == (after.state, after.reason)
    assert "" == stage.waiting().booking_id


def test_a_scheduler_that_cannot_say_loses_nothing(stage: Stage) -> None:
    """Only what is known counts."""
    booked = stage.book(at=stage.now + 3_600.0)
    stage.change(booked.booking_id, scheduler="failing")
    stage.outside.schedulers = (FailingScheduler("the bus is gone", says_so=False),)

    settle(stage)

    assert "booked" == stage.booking(booked.booking_id).state


def test_one_just_booked_is_left_to_whoever_books_it(stage: Stage) -> None:
    """The row is written before the operating system holds the job."""
    booked = stage.book(at=stage.now + 3_600.0)
    stage.outside.scheduler.jobs.clear()
    stage.change(booked.booking_id, changed_at=stage.now)

    settle(stage, after_s=30.0)

    assert "booked" == stage.booking(booked.booking_id).state


def test_jobs_without_a_booking_are_taken_out(stage: Stage) -> None:
    """They would start nothing, and are not left behind."""
    booked = stage.book(at=stage.now + 3_600.0)
    for name in ("deadbeef", "deadbeef-notice"):
        stage.outside.scheduler.schedule(Job(name, stage.now + 60.0, ("/bin/true",), "/"), stage.now)

    settle(stage)

    assert {booked.booking_id, f"{booked.booking_id}-notice"} == stage.outside.scheduler.jobs.keys()


def test_a_time_that_passed_unnoticed_is_missed(stage: Stage) -> None:
    """Nothing fired it, and its grace is over."""
    booked = stage.book(at=stage.now)
    stage.outside.scheduler.jobs.clear()

    settle(stage, after_s=3_700.0)

    assert "missed" == stage.booking(booked.booking_id).state


@pytest.mark.parametrize("state", ["firing", "launching"])
def test_what_a_living_process_has_in_hand_is_left_to_it(stage: Stage, state: str) -> None:
    """However long it takes."""
    booked = stage.book()
    stage.change(booked.booking_id, state=state, fired_by=f"{os.getpid()} 1000.000")

    settle(stage)

    assert state == stage.booking(booked.booking_id).state


@pytest.mark.parametrize(
    "fired_by", ["999999 1.0", f"{os.getpid()} 5.0", "", "x y"], ids=["gone", "reused", "", "torn"]
)
def test_a_check_that_broke_off_asks(stage: Stage, fired_by: str) -> None:
    """Nothing was started, so its user decides; a process id alone proves nothing."""
    booked = stage.book()
    stage.change(booked.booking_id, state="firing", fired_by=fired_by)

    settle(stage)

    assert "missed" == stage.booking(booked.booking_id).state


def test_a_handoff_that_its_session_gave_back_waits_for_anyone(stage: Stage) -> None:
    """The session was there and left without a prompt."""
    booked = stage.book()
    stage.change(booked.booking_id, state="launched", session_id="s", launched_at=stage.now - 3_600.0)

    settle(stage)

    assert ("pending", "") == (stage.waiting().state, stage.waiting().booking_id)


def test_a_handoff_is_left_to_a_session_that_runs(stage: Stage) -> None:
    """It may still be prompted."""
    booked = stage.book()
    stage.runs("s")
    stage.change(booked.booking_id, state="launched", session_id="s", launched_at=stage.now - 3_600.0)

    settle(stage)

    assert booked.booking_id == stage.waiting().booking_id


def test_a_handoff_that_was_used_stays_used(stage: Stage) -> None:
    """Only what waits is given back."""
    booked = stage.book()
    with stage.scene.ledger as ledger, Transaction(ledger.state) as db:
        pending.claim(db, HANDOFF, "s", stage.now)
        pending.use(db, "s")
    stage.change(booked.booking_id, state="launched", session_id="s", launched_at=stage.now - 3_600.0)

    settle(stage)

    assert "used" == stage.waiting().state


@pytest.mark.parametrize("at_s", [-30.0, 0.0, 30.0], ids=["just now", "now", "in a moment"])
def test_a_job_that_has_just_come_is_not_lost(stage: Stage, at_s: float) -> None:
    """The operating system holds it no longer and its process has not claimed the booking yet: it is not taken away."""
    booked = stage.book(at=stage.now + 600.0 + at_s)
    stage.outside.scheduler.jobs.clear()

    settle(stage)

    assert "booked" == stage.booking(booked.booking_id).state
