"""What there is room for: never more than the tokens, never before what it waits for, the pressing first."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.executor.allocation import allocate
from watchkeeper.executor.task import Task, estimate_of
from watchkeeper.planner.model import PRIORITIES

sizes = st.integers(1, 50_000)


@st.composite
def lists(draw: st.DrawFn) -> list[Task]:
    made: list[Task] = []
    for number in range(draw(st.integers(0, 12))):
        after = draw(st.lists(st.sampled_from([task.id for task in made]), max_size=3, unique=True)) if made else []
        fields: dict[str, Any] = {
            "estimated_tokens": draw(sizes),
            "priority": draw(st.sampled_from(PRIORITIES)),
            "after": tuple(after),
        }
        made.append(Task(id=f"t{number}", prompt="x", **fields))
    return draw(st.permutations(made))


@given(lists(), st.none() | st.integers(0, 200_000))
def test_laws(tasks: list[Task], tokens: int | None) -> None:
    """Each task fits or is deferred, once; what fits stays within the tokens and comes after what it waits for."""
    estimates = {task.id: estimate_of(task) for task in tasks}
    plan = allocate(tasks, estimates, tokens)
    order = [each.task_id for each in plan.fitting]

    assert sorted(estimates) == sorted([*order, *plan.deferred])
    assert tokens is None or plan.needed_tokens <= tokens
    for task in tasks:
        if task.id in order:
            assert all(first in order[: order.index(task.id)] for first in task.after)
    if tokens is None:
        assert {} == plan.deferred


@given(lists(), st.integers(0, 200_000))
def test_nothing_that_would_still_fit_is_left_out(tasks: list[Task], tokens: int) -> None:
    """A task is deferred for tokens only if it did not fit when its turn came, and never fits beside the rest."""
    estimates = {task.id: estimate_of(task) for task in tasks}
    plan = allocate(tasks, estimates, tokens)
    left = tokens - plan.needed_tokens

    for task_id, reason in plan.deferred.items():
        if reason == "insufficient_tokens":
            assert estimates[task_id].estimated_tokens > left


def test_priority_decides_who_is_deferred() -> None:
    """When tokens are short, the pressing task gets them although it is listed last."""
    tasks = [
        Task(id="a", prompt="x", estimated_tokens=6_000),
        Task(id="b", prompt="x", estimated_tokens=6_000, priority="critical"),
    ]
    plan = allocate(tasks, {task.id: estimate_of(task) for task in tasks}, 10_000)

    assert (["b"], {"a": "insufficient_tokens"}) == ([each.task_id for each in plan.fitting], plan.deferred)
