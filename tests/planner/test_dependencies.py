"""Sessions wait for others: circles and dead ends are refused, and who is ready follows from what is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planner.sessions import queue_of, queues, session
from tests.support.clock import NOON
from watchkeeper.errors import UserError
from watchkeeper.planner import dependencies
from watchkeeper.planner.dependencies import Queue


@pytest.mark.parametrize(
    ("sessions", "sentence"),
    [
        pytest.param([("a", "b")], "a waits for b, which is not in the queue", id="unknown"),
        pytest.param([("a", "a")], "a waits for a: none of them could ever start", id="itself"),
        pytest.param([("a", "b"), ("b", "a")], "a waits for b waits for a: none", id="two"),
        pytest.param([("a", "c"), ("b", "a"), ("c", "b")], "a waits for c waits for b waits for a: none", id="three"),
        pytest.param(
            [("a", "d", "b"), ("b",), ("c", "a"), ("d", "c")], "a waits for d waits for c waits for a", id="way"
        ),
    ],
)
def test_what_can_never_start_is_refused(sessions: list[tuple[str, ...]], sentence: str) -> None:
    """A session that waits for what never comes is refused with the way that leads back to it."""
    queue = queue_of(*(session(*each) for each in sessions))

    with pytest.raises(UserError, match=sentence):
        dependencies.check(queue["a"], queue)


def test_waiting_for_a_cancelled_session_is_refused() -> None:
    """What is cancelled will never be done."""
    queue = queue_of(session("a", "b"), session("b", state="cancelled"))

    with pytest.raises(UserError, match="b, which is cancelled"):
        dependencies.check(queue["a"], queue)


def test_a_diamond_is_no_circle() -> None:
    """Two ways to the same session are allowed."""
    queue = queue_of(session("a", "b", "c"), session("b", "d"), session("c", "d"), session("d"))

    for each in queue.values():
        dependencies.check(each, queue)


def test_who_is_ready() -> None:
    """A session is ready once all that it waits for are done, and planned again when one comes in."""
    queue = queue_of(
        session("a", state="done"), session("b", "a"), session("c", "a", "b"), session("d", "b", state="ready")
    )

    changed = {each.id: each.state for each in dependencies.settled(queue, NOON + 60)}

    assert {"b": "ready", "d": "planned"} == changed


def test_a_change_is_kept_with_its_estimate() -> None:
    """The history says when a session came into a state and what was estimated then."""
    moved = dependencies.moved(session("a", estimated_tokens=45_000), "running", NOON + 60)

    assert [("ready", NOON, None), ("running", NOON + 60, 45_000)] == [
        (each.state, each.at, each.estimated_tokens) for each in moved.history
    ]
    assert (NOON + 60, NOON + 60) == (moved.changed_at, moved.started_at)


@given(queue=queues())
def test_settling_is_done_once(queue: Queue) -> None:
    """Settled a second time nothing changes, and exactly those are ready that wait for nothing."""
    settled = {**queue, **{each.id: each for each in dependencies.settled(queue, NOON)}}

    assert [] == dependencies.settled(settled, NOON)
    for each in settled.values():
        if each.state in ("planned", "ready"):
            done = all(settled[first].state == "done" for first in each.after_ids)
            assert ("ready" if done else "planned") == each.state


@given(edges=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10))
def test_circles_are_found_exactly(edges: list[tuple[int, int]]) -> None:
    """A session is refused exactly when following what it waits for leads back to it."""
    queue = queue_of(*(session(f"s{n}", *sorted({f"s{b}" for a, b in edges if a == n})) for n in range(6)))
    reached = {first for a, first in edges if a == 0}
    for _ in range(6):
        reached |= {b for a, b in edges if a in reached}

    try:
        dependencies.check(queue["s0"], queue)
        refused = False
    except UserError:
        refused = True

    assert (0 in reached) == refused


QUEUE = queue_of(
    session("impl", state="done"),
    session("impl-2"),
    session("implement", state="cancelled"),
    session("test-1"),
    session("test-2"),
)


@pytest.mark.parametrize(
    ("named", "expected"),
    [("impl", "impl"), ("impl-", "impl-2"), (" IMPL-2 ", "impl-2"), ("test-1", "test-1"), ("imple", "implement")],
)
def test_an_id_may_be_abbreviated(named: str, expected: str) -> None:
    """A whole id is itself, a beginning is whatever alone begins so."""
    assert expected == dependencies.find(QUEUE, named, ("ready",)).id


def test_one_that_is_open_is_meant_rather() -> None:
    """Of several that begin so the only one in a state that is asked for is meant."""
    assert "impl-2" == dependencies.find(QUEUE, "im", ("ready",)).id


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("t", r"Several sessions in the queue begin with 't' \(test-1, test-2\)"),
        ("", "No session in the queue is called ''"),
        ("zzz", "No session in the queue is called 'zzz'"),
        ("../x", "No session in the queue is called '../x'"),
    ],
)
def test_what_fits_none_or_several_is_refused(named: str, sentence: str) -> None:
    """The sentence says what to give."""
    with pytest.raises(UserError, match=sentence):
        dependencies.find(QUEUE, named, ("ready",))
