"""The next session is booked by itself, where that is switched on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.automation.stage import HANDOFF, Stage
from tests.commands.scene import SESSION
from watchkeeper.automation import auto
from watchkeeper.automation.bookings import Booking
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import pending


def at_critical(stage: Stage, used_pct: float = 91.0, **automation: Any) -> None:
    stage.scene.settings(quota={"plan": "pro"}, automation={"auto_schedule": True, **automation})
    stage.scene.session(SESSION, project=stage.project, cwd=stage.project)
    stage.scene.report(used_pct, resets_in_min=60.0)


def book_next(stage: Stage) -> Booking | None:
    app = stage.app()
    with app.ledger:
        return auto.book_next(app, SESSION, stage.outside.doors)


@pytest.mark.parametrize("used_pct", [90.0, 96.0], ids=["critical", "emergency"])
def test_booked_five_minutes_after_the_reset(stage: Stage, used_pct: float) -> None:
    """With the handoff that waits; the user is told how to stop it."""
    at_critical(stage, used_pct)

    booked = book_next(stage)

    assert booked is not None
    assert (stage.now + 65 * 60.0, HANDOFF, "automation", "booked") == (
        booked.at,
        booked.handoff_id,
        booked.booked_by,
        booked.state,
    )
    assert booked.booking_id in stage.outside.scheduler.jobs
    assert [("The next session is booked", "my-app: 13:05, after the reset. To stop it: /cancel-next-session")] == (
        stage.outside.notices
    )


def test_without_a_handoff_that_waits_its_own_draft_is_taken(stage: Stage) -> None:
    """The draft is renewed by the same job, just before."""
    at_critical(stage)
    with stage.scene.ledger as ledger, Transaction(ledger.state) as db:
        pending.drop(db, HANDOFF)
    stage.write_handoff(f"handoff-{SESSION}", kind="draft", from_session=SESSION)
    with stage.scene.ledger as ledger, Transaction(ledger.state) as db:
        pending.drop(db, f"handoff-{SESSION}")

    booked = book_next(stage)

    assert booked is not None
    assert f"handoff-{SESSION}" == booked.handoff_id
    assert ("pending", booked.booking_id) == (
        stage.waiting(booked.handoff_id).state,
        stage.waiting(booked.handoff_id).booking_id,
    )


def test_once_for_each_reset(stage: Stage) -> None:
    """Emergency after critical books nothing more, and what its user has cancelled does not come back."""
    at_critical(stage)
    first = book_next(stage)
    assert first is not None

    assert book_next(stage) is None
    assert 0 == stage.scene.run("cancel-next-session", first.booking_id).code
    assert book_next(stage) is None


def test_what_is_booked_already_stays(stage: Stage) -> None:
    """The user's own choice of a time wins."""
    at_critical(stage)
    own = stage.book(at=stage.now + 9_000.0)

    assert book_next(stage) is None
    assert own.booking_id in stage.outside.scheduler.jobs


@pytest.mark.parametrize(
    "change",
    [
        lambda stage: at_critical(stage, auto_schedule=False),
        lambda stage: at_critical(stage, used_pct=89.0),
        lambda _: None,
    ],
    ids=["switched off", "not critical", "nothing known"],
)
def test_not_due(stage: Stage, change: Any) -> None:
    """Nothing is booked that nobody asked for."""
    change(stage)

    assert book_next(stage) is None
    assert {} == stage.outside.scheduler.jobs


def test_where_nothing_can_start_it_the_user_is_told(stage: Stage) -> None:
    """A switch that does nothing would be worse than none."""
    at_critical(stage)
    stage.outside.schedulers = stage.outside.schedulers[1:]

    assert book_next(stage) is None
    assert ["The next session is not booked"] == [title for title, _ in stage.outside.notices]


@pytest.mark.parametrize("state", ["firing", "launching"])
def test_what_a_killed_process_left_keeps_nothing_from_being_booked(stage: Stage, state: str) -> None:
    """A booking that nobody has in hand any more is settled first; while its process lives, nothing is booked."""
    at_critical(stage)
    left = stage.cut_off(state)

    assert book_next(stage) is None
    stage.killed(left.booking_id)
    booked = book_next(stage)

    assert booked is not None
    assert booked.booking_id in stage.outside.scheduler.jobs
    assert stage.booking(left.booking_id).state == ("missed" if state == "firing" else "failed")
