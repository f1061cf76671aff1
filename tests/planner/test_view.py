"""The queue is shown in the order of its turn."""

from __future__ import annotations

from tests.planner.sessions import queue_of, session
from tests.support.clock import NOON
from watchkeeper.planner.view import counts, in_order

SESSIONS = (
    session("old", state="done", changed_at=NOON - 60),
    session("older", state="done", changed_at=NOON - 600),
    session("off", state="cancelled"),
    session("waits", "first"),
    session("low", priority="low"),
    session("wide", estimated_tokens=10, low_tokens=5, high_tokens=15),
    session("narrow", estimated_tokens=10, low_tokens=9, high_tokens=11, created_at=NOON + 60),
    session("first", priority="critical"),
    session("late", state="scheduled", at=NOON + 600),
    session("soon", state="scheduled", at=NOON + 60),
    session("runs", state="running"),
)


def test_the_order() -> None:
    """What runs, by time, by priority and width of the estimate, what waits, the last that is over first."""
    expected = "runs soon late first narrow wide low waits old older off".split()

    assert expected == [each.id for each in in_order(list(SESSIONS), queue_of(*SESSIONS))]


def test_the_counts() -> None:
    """What was cancelled is not among all."""
    found = counts(list(SESSIONS))

    assert {
        "total": 10, "running": 1, "scheduled": 2, "ready": 4, "planned": 1, "done": 2, "cancelled": 1,
    } == found  # fmt: skip
