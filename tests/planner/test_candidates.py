"""The queue as planning sees it: what is not over, with what each still waits for."""

from __future__ import annotations

from tests.planner.sessions import queue_of, session
from tests.support.clock import NOON
from watchkeeper.planner.candidates import candidates_of

QUEUE = queue_of(
    session("a", state="done"),
    session("b", "a", "c", priority="critical", estimated_tokens=5, low_tokens=4, high_tokens=6, hours=2.0),
    session("c", state="running", priority="low"),
    session("d", state="cancelled"),
    session("e", state="scheduled", at=NOON + 60),
)


def test_candidates() -> None:
    """What is done or cancelled is no candidate, and nothing waits for what is done."""
    found = {each.id: each for each in candidates_of(QUEUE)}

    assert ["b", "c", "e"] == list(found)
    assert ("B", 4, 5, 6, 2.0, 3, ("c",), None) == found["b"][1:9]
    assert (0, NOON, 1, NOON + 60) == (found["c"].priority, found["c"].started_at, found["e"].priority, found["e"].at)


def test_some_of_them() -> None:
    """Candidates may be taken from some sessions, which wait for others all the same."""
    assert [("b", ("c",))] == [(each.id, each.after) for each in candidates_of(QUEUE, [QUEUE["b"], QUEUE["a"]])]
