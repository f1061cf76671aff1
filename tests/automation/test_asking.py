"""A handoff that was planned with a time is booked, or it is said why not."""

from __future__ import annotations

import pytest

from tests.automation.stage import HANDOFF, Stage
from watchkeeper.automation import asking
from watchkeeper.automation.bookings import Booking
from watchkeeper.handoff.planning import ToBook


def book_or_say(stage: Stage) -> Booking | None:
    app = stage.app()
    with app.ledger:
        to_book = ToBook(HANDOFF, stage.project, "", "at", stage.now + 7_200.0)
        return asking.book_or_say(app, to_book, stage.outside.doors)


@pytest.mark.parametrize("state", ["firing", "launching"])
def test_what_a_killed_process_left_is_settled_first(stage: Stage, state: str) -> None:
    """A booking that nobody has in hand any more is in nobody's way; one that a process is at is waited for."""
    left = stage.cut_off(state)

    assert book_or_say(stage) is None
    stage.killed(left.booking_id)
    booked = book_or_say(stage)

    assert booked is not None
    assert (HANDOFF, booked.booking_id) == (booked.handoff_id, stage.waiting().booking_id)
    assert booked.booking_id in stage.outside.scheduler.jobs
